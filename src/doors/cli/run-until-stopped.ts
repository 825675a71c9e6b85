import type { Cli } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { attempt } from './failure.ts'
import type { Running } from './parts.ts'

interface Service<T extends Running> {
  /** What failed when it does not start. */
  readonly action: string
  start(): Promise<T>
  /** Tells the person that it runs. */
  onReady(running: T): void
}

/**
 * Runs a service until SIGINT or SIGTERM, then closes it; the exit code. A signal during the start waits for
 * the start's end and closes then, so that nothing is left half open; a second signal waits for nothing.
 */
export async function runUntilStopped<T extends Running>(cli: Cli, service: Service<T>): Promise<number> {
  const stop = new AbortController()
  const force = new AbortController()
  const unlisten = cli.parts.onSignal(() => {
    if (stop.signal.aborted) {
      force.abort()
      return
    }
    cli.note(cli.say.stop.stopping)
    stop.abort()
  })
  try {
    return await Promise.race([serve(cli, service, stop.signal), forced(cli, force.signal)])
  } finally {
    unlisten()
  }
}

async function serve<T extends Running>(cli: Cli, service: Service<T>, stop: AbortSignal): Promise<number> {
  const running = await attempt(service.action, () => service.start())
  if (!stop.aborted) service.onReady(running)
  await aborted(stop)
  await attempt(cli.say.stop.action, () => running.close())
  return exitCodes.ok
}

async function forced(cli: Cli, force: AbortSignal): Promise<number> {
  await aborted(force)
  cli.note(cli.say.stop.forced)
  return exitCodes.failure
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
