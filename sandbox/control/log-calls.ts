import type { ControlCall } from './control-call.ts'
import { ControlError } from './control-call.ts'
import { optionalNumber } from './fields.ts'

// Much more, and times cannot be written as dates any more.
const CENTURY_MS = 100 * 366 * 86_400_000

/** What was asked of the clouds, what time it is there, and which keys they use. */
export function logCalls(): readonly ControlCall[] {
  return [
    {
      call: 'GET log',
      run: ({ world }, { query }) => {
        const since = Number(query.get('since') ?? '0')
        if (!Number.isSafeInteger(since)) throw new ControlError('"since" is not a number')
        return { lines: world.log.since(since) }
      },
    },
    {
      call: 'DELETE log',
      run: ({ world }) => {
        world.log.clear()
        return {}
      },
    },
    { call: 'GET counts', run: ({ world }) => world.log.counts() },
    { call: 'GET clock', run: ({ world }) => ({ now: world.clock.now(), frozen: world.clock.isFrozen }) },
    {
      call: 'POST clock',
      run: ({ world: { clock } }, request) => {
        const fields = request.json()
        if (typeof fields['freeze'] === 'boolean') clock.freeze(fields['freeze'])
        const advanceMs = optionalNumber(fields, 'advanceMs')
        if (advanceMs !== null && advanceMs < 0) throw new ControlError('"advanceMs" is negative')
        if (advanceMs !== null && advanceMs > CENTURY_MS) {
          throw new ControlError('"advanceMs" is more than a hundred years')
        }
        if (advanceMs !== null) clock.advance(advanceMs)
        return { now: clock.now(), frozen: clock.isFrozen }
      },
    },
    {
      call: 'GET keys',
      run: ({ pan115: { m115, ec115 }, caFile }) => ({
        m115: { n: m115.modulusHex, e: m115.exponent },
        ec115: { x: ec115.publicX, y: ec115.publicY },
        ca: caFile,
      }),
    },
  ]
}
