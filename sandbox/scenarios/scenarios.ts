import type { Pan115 } from '../clouds/pan115/cloud.ts'
import { plantDemo } from './demo.ts'

/** `empty`: nobody and nothing. `demo`: one account with a drive to look at and play from. */
export type ScenarioName = keyof typeof SCENARIOS

const SCENARIOS = {
  empty: null,
  demo: plantDemo,
}

/** Whether there is a scenario of that name. */
export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name)
}

/** Fills an empty cloud. */
export async function plantScenario(name: ScenarioName, pan115: Pan115): Promise<void> {
  await SCENARIOS[name]?.(pan115)
}
