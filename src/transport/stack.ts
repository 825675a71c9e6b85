import { systemClock, type Clock } from '../lib/clock.ts'
import { type Gate, Pace } from '../lib/pace.ts'
import { RateLimiter } from '../lib/rate-limiter.ts'
import { Breaker, type BreakerState } from './breaker.ts'
import { concurrency, createPermits, type Permits } from './concurrency.ts'
import { Counter, type Counts } from './counter.ts'
import { decode, type Try } from './decode.ts'
import type { ExchangeLayer } from './hop.ts'
import { log } from './log.ts'
import { rate, slowOnRefusal } from './rate.ts'
import { retry } from './retry.ts'
import { timeout } from './timeout.ts'
import type { Bucket, Exchange, Transport } from './transport.ts'

export interface TransportOptions {
  /** The wire, see `createExchange`. */
  readonly exchange: Exchange
  /** Names the account in `stats`. */
  readonly account: string
  readonly clock?: Clock
  /** Requests per second of all buckets together; fractions are allowed. */
  readonly ratePerSecond?: number
  /** How many requests may leave at once after a rest. */
  readonly burst?: number
  /** Stricter limits of single buckets, per second, inside `ratePerSecond`. */
  readonly bucketRates?: Readonly<Partial<Record<Bucket, number>>>
  /** Requests under way at once, by bucket. */
  readonly permits?: Readonly<Partial<Record<Bucket, number>>>
  /** Milliseconds to the head of an answer and between its chunks, unless the call says otherwise. */
  readonly timeoutMs?: number
  /** The longest answer that is read. */
  readonly limitBytes?: number
  /** Tries in all of a repeatable call. */
  readonly attempts?: number
  readonly firstCoolDownMs?: number
  readonly maxCoolDownMs?: number
  /** From 0 up to, not including, 1. */
  readonly random?: () => number
}

export interface TransportStats extends Counts {
  readonly account: string
  /** Requests waiting for their turn. */
  readonly waiting: number
  /** Requests per second: as set, and as granted at present after a refusal. */
  readonly rate: { readonly set: number; readonly current: number }
  readonly breaker: BreakerState
  readonly deadCredentials: number
}

/** A Transport with what its owner, the app, may ask and change. */
export interface AccountTransport extends Transport {
  stats(): TransportStats
  /** Requests per second, from the next one on. Throws RangeError for a rate that is not above 0. */
  setRate(ratePerSecond: number): void
  /** Forgets that the account is blocked or a credential dead: for when a person logged in again. */
  reset(): void
  /** Lets a credential that was found dead be tried once more; a block stays. */
  trustCredentials(): void
}

// Enough for a page of 1150 entries to be on its way while the next is asked for; a film's links are few.
const defaultPermits: Readonly<Record<Bucket, number>> = { list: 4, link: 4, upload: 4, other: 4 }

const mebibyte = 1024 * 1024

/** The one way to an account, with the limits of that account. Makes no request by itself. */
export function createTransport(options: TransportOptions): AccountTransport {
  const clock = options.clock ?? systemClock
  const timeoutMs = options.timeoutMs ?? 30_000
  const limiter = new RateLimiter({
    clock,
    ratePerSecond: options.ratePerSecond ?? 2,
    burst: options.burst ?? 1,
  })
  const permits = createPermits({ ...defaultPermits, ...options.permits })
  const breaker = new Breaker({
    clock,
    firstCoolDownMs: options.firstCoolDownMs ?? 60_000,
    maxCoolDownMs: options.maxCoolDownMs ?? 660_000,
  })
  const counter = new Counter()

  const exchangeLayers: readonly ExchangeLayer[] = [
    // Innermost, so that it sees each attempt as it is on the wire.
    log(clock),
    // Beside the log: what is counted is what left.
    counter.layer,
    // Per attempt. The waits are outside it and must not use up its time.
    timeout({ clock, headMs: timeoutMs, chunkMs: timeoutMs }),
    // Held until the body ends. Outside the timeout, so that a body that stalls gives its permit back.
    concurrency(permits, () => limiter.nudge()),
    // Outermost below decode: nothing else gives out turns, and every repeat comes through here again.
    rate(limiter, gatesOf(permits, options.bucketRates ?? {})),
  ]
  const exchange = exchangeLayers.reduce((inner, layer) => layer(inner), options.exchange)

  const callLayers: readonly ((inner: Try) => Try)[] = [
    // Next to decode, because a refusal may come as an HTTP 200.
    slowOnRefusal(limiter),
    // Needs the decoded reason, and must stand below retry to stop repeats too.
    (inner) => breaker.guard(inner),
    // Outermost: sees soft failures, and a pause holds neither turn nor permit.
    retry({
      clock,
      random: options.random ?? Math.random,
      attempts: options.attempts ?? 3,
      baseMs: 500,
      maxMs: 10_000,
      retryAfterCapMs: 30_000,
      onRetry: () => counter.countRetry(),
    }),
  ]
  const decoded = decode(exchange, options.limitBytes ?? 32 * mebibyte)
  const send = callLayers.reduce((inner, layer) => layer(inner), decoded)
  return {
    send: (call, ctx) => send(call, ctx),
    stats: () => ({
      account: options.account,
      ...counter.counts,
      waiting: Object.values(permits).reduce((total, each) => total + each.waiting, limiter.waiting),
      rate: limiter.rate,
      breaker: breaker.state,
      deadCredentials: breaker.deadCredentials,
    }),
    setRate: (ratePerSecond) => limiter.setRate(ratePerSecond),
    reset: () => breaker.reset(),
    trustCredentials: () => breaker.trustCredentials(),
  }
}

/** What must be open, beside the account's own pace, before a request of a bucket gets its turn. */
function gatesOf(
  permits: Permits,
  bucketRates: Readonly<Partial<Record<Bucket, number>>>,
): Readonly<Record<Bucket, readonly Gate[]>> {
  const gates = (bucket: Bucket): readonly Gate[] => {
    const ratePerSecond = bucketRates[bucket]
    return ratePerSecond === undefined ? [permits[bucket]] : [permits[bucket], new Pace({ ratePerSecond })]
  }
  return { list: gates('list'), link: gates('link'), upload: gates('upload'), other: gates('other') }
}
