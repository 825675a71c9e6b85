import type { Pan115 } from '../clouds/pan115/cloud.ts'
import { plantDemo } from './demo.ts'

/** `empty`: nobody and nothing. `demo`: one account with a drive to look at and play from. */
export type ScenarioName = keyof typeof SCENARIOS

const SCENARIOS = {
  empty: null,
  demo: plantDemo,
}

/** Fills an empty cloud. Throws Error when there is no scenario of that name. */
export async function plantScenario(name: ScenarioName, pan115: Pan115): Promise<void> {
  if (!Object.hasOwn(SCENARIOS, name)) {
    throw new Error(`Cannot start scenario "${name}": there are ${Object.keys(SCENARIOS).join(', ')}`)
  }
  await SCENARIOS[name]?.(pan115)
}
