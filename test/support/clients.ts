import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { type TestFunction, test } from 'vitest'

/**
 * Whether a third-party program can be used here. Says why not on the console, so that a skipped test leaves a
 * trace; where `PANPORT_REQUIRE_CLIENTS` is 1 a missing program is a failure and this throws.
 */
export function requireClient(name: string, probe: () => boolean): boolean {
  const failure = tryProbe(probe)
  if (failure === null) return true
  const reason = `Cannot use client "${name}": ${failure}`
  if (process.env['PANPORT_REQUIRE_CLIENTS'] === '1') throw new Error(reason)
  console.warn(`${reason}, its tests are skipped`)
  return false
}

/** Whether `command` runs and ends well with these arguments, for probes. */
export function canRun(command: string, args: readonly string[] = ['--version']): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 60_000 }).status === 0
}

/** How a client is looked for, and how long a test with it may take. */
export interface ClientTestOptions {
  /** Asks the client for its version unless told otherwise. */
  readonly probe?: () => boolean
  readonly timeoutMs?: number
}

/** A test that needs the program `client`. Skipped without it, failing under `PANPORT_REQUIRE_CLIENTS=1`. */
export function clientTest(
  client: string,
  name: string,
  run: TestFunction,
  { probe = () => canRun(client), timeoutMs = 60_000 }: ClientTestOptions = {},
): void {
  test.skipIf(!requireClient(client, probe))(`${client}: ${name}`, { timeout: timeoutMs }, run)
}

/** Null when the probe says yes, else what went wrong. */
function tryProbe(probe: () => boolean): string | null {
  try {
    return probe() ? null : 'it is not there or does not start'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
