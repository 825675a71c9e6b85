import { createHash } from 'node:crypto'
import { StorageError, isStorageError } from '../core/errors.ts'
import { type LinkedAbort, linkAbort } from '../lib/abortable.ts'
import type { Clock } from '../lib/clock.ts'
import type { Try } from './decode.ts'
import type { Hop } from './hop.ts'
import type { Call, WireRequest } from './transport.ts'

/**
 * Whether the cloud has blocked the account, which it says by a firewall page with HTTP 405, as opposed to a mere
 * "too fast". Going on asking makes a block longer.
 */
export function isBlock(error: unknown): error is StorageError {
  return isStorageError(error, 'RateLimited') && error.upstream?.status === 405
}

/** Whether the credential itself is dead. A refusal that another client's login would not get is not that. */
function isDeadCredential(error: unknown): error is StorageError {
  if (!isStorageError(error, 'AuthExpired')) return false
  return error.advice !== 'scan-with-app-client' && error.advice !== 'choose-other-client'
}

export interface BreakerOptions {
  readonly clock: Clock
  /** How long nothing is asked after a block; doubles with each block that follows, up to `maxCoolDownMs`. */
  readonly firstCoolDownMs: number
  readonly maxCoolDownMs: number
}

export type BreakerState =
  | { readonly state: 'closed' }
  | { readonly state: 'open' | 'probing'; readonly untilMs: number }

interface Block {
  readonly error: StorageError
  readonly coolDownMs: number
  readonly untilMs: number
  isProbing: boolean
}

/** A call that was let in. It can still be called back as long as it only waits for its turn. */
interface Admission {
  readonly call: string
  readonly credential: string | null
  readonly link: LinkedAbort
  readonly isProbe: boolean
  hasLeft: boolean
  isCalledBack: boolean
}

// A probe that ends like this has not shown what the cloud thinks of the account.
const inconclusive: readonly string[] = ['Unavailable', 'Cancelled', 'Internal', 'Protocol', 'RateLimited']

/**
 * Keeps calls from the cloud that can only do harm.
 *
 *   closed  -- block page -->  open  -- cool-down over, next call -->  probing (one call)
 *     ^                         ^  `-- block page, cool-down doubled --'  |
 *     `--- the cloud answers ---|-----------------------------------------'
 *
 * While open, and while one call probes, every call fails at once with RateLimited and `retryAfterMs`, and those
 * still waiting for their turn are called back. A probe that could not reach the cloud leaves the way to the next.
 *
 * Apart from that, a credential that was found dead is not sent again: calls with it fail at once with
 * AuthExpired until `reset`. Another credential of the same account is not touched by that.
 */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #admissions = new Set<Admission>()
  /** By fingerprint: the credential itself is not kept. */
  readonly #dead = new Map<string, StorageError>()
  #block: Block | null = null
  /** The last block that is over: one that follows soon is taken for its continuation. */
  #previous: { readonly coolDownMs: number; readonly endedMs: number } | null = null

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  get state(): BreakerState {
    if (!this.#block) return { state: 'closed' }
    return { state: this.#block.isProbing ? 'probing' : 'open', untilMs: this.#block.untilMs }
  }

  get deadCredentials(): number {
    return this.#dead.size
  }

  /** Forgets blocks and dead credentials: for when a person has logged in again or solved a check. */
  reset(): void {
    this.#block = null
    this.#previous = null
    this.#dead.clear()
  }

  /** Forgets which credentials were dead, not a block: a person asks to try a login once more. */
  trustCredentials(): void {
    this.#dead.clear()
  }

  guard(inner: Try): Try {
    return async (call, hop) => {
      const admission = this.#admit(call, hop)
      try {
        const value = await inner(call, {
          ...hop,
          signal: admission.link.signal,
          onDeparture: () => {
            admission.hasLeft = true
            hop.onDeparture?.()
          },
        })
        if (admission.isProbe) this.#close()
        return value
      } catch (error) {
        if (!admission.isCalledBack) this.#learn(error, admission)
        // It never reached the cloud and has shown nothing: the next call probes.
        else if (admission.isProbe && this.#block) this.#block.isProbing = false
        throw error
      } finally {
        this.#admissions.delete(admission)
        admission.link.unlink()
      }
    }
  }

  #admit(call: Call<unknown>, hop: Hop): Admission {
    const credential = fingerprint(call.request)
    const refusal = this.#refusal(call.name, credential)
    if (refusal) throw refusal
    const isProbe = this.#block !== null
    if (this.#block) this.#block.isProbing = true
    const link = linkAbort(hop.signal)
    const admission = { call: call.name, credential, link, isProbe, hasLeft: false, isCalledBack: false }
    this.#admissions.add(admission)
    return admission
  }

  /** Why a call must not go out now; null when it may. */
  #refusal(call: string, credential: string | null): StorageError | null {
    const death = credential === null ? undefined : this.#dead.get(credential)
    if (death) return deathNotice(call, death)
    const nowMs = this.#options.clock.now()
    if (!this.#block || (nowMs >= this.#block.untilMs && !this.#block.isProbing)) return null
    return blockNotice(call, this.#block, nowMs)
  }

  #learn(error: unknown, admission: Admission): void {
    if (isDeadCredential(error) && admission.credential !== null) this.#bury(admission.credential, error)
    if (isBlock(error)) this.#onBlock(error, admission)
    else if (admission.isProbe) this.#onProbeFailure(error)
  }

  #onBlock(error: StorageError, admission: Admission): void {
    // Requests that were under way when the block began bring the same news late.
    if (this.#block && !admission.isProbe) return
    const coolDownMs = Math.max(this.#nextCoolDownMs(), error.retryAfterMs ?? 0)
    const untilMs = this.#options.clock.now() + coolDownMs
    this.#block = { error, coolDownMs, untilMs, isProbing: false }
    this.#callBack(() => true)
  }

  #onProbeFailure(error: unknown): void {
    if (!this.#block) return
    if (!isStorageError(error) || inconclusive.includes(error.kind)) this.#block.isProbing = false
    else this.#close()
  }

  #nextCoolDownMs(): number {
    const { clock, firstCoolDownMs, maxCoolDownMs } = this.#options
    if (this.#block) return Math.min(maxCoolDownMs, this.#block.coolDownMs * 2)
    const isContinuation = this.#previous && clock.now() - this.#previous.endedMs < maxCoolDownMs
    return isContinuation ? Math.min(maxCoolDownMs, (this.#previous?.coolDownMs ?? 0) * 2) : firstCoolDownMs
  }

  #close(): void {
    if (!this.#block) return
    this.#previous = { coolDownMs: this.#block.coolDownMs, endedMs: this.#options.clock.now() }
    this.#block = null
  }

  #bury(credential: string, error: StorageError): void {
    this.#dead.set(credential, error)
    this.#callBack((admission) => admission.credential === credential)
  }

  /** Ends the calls that still wait for their turn; what has left cannot be unsaid and is let finish. */
  #callBack(isMeant: (admission: Admission) => boolean): void {
    for (const admission of this.#admissions) {
      if (admission.hasLeft || !isMeant(admission)) continue
      const refusal = this.#refusal(admission.call, admission.credential)
      if (!refusal) continue
      admission.isCalledBack = true
      admission.link.abort(refusal)
    }
  }
}

function blockNotice(call: string, block: Block, nowMs: number): StorageError {
  const retryAfterMs = Math.max(1000, block.untilMs - nowMs)
  const seconds = Math.ceil(retryAfterMs / 1000)
  return new StorageError(
    'RateLimited',
    `Cannot send "${call}": account is blocked, next try in ${seconds} s`,
    {
      retryAfterMs,
      ...(block.error.upstream ? { upstream: block.error.upstream } : {}),
      advice: 'wait',
    },
  )
}

function deathNotice(call: string, death: StorageError): StorageError {
  return new StorageError('AuthExpired', `Cannot send "${call}": login has expired`, {
    ...(death.upstream ? { upstream: death.upstream } : {}),
    advice: death.advice ?? 'log-in-again',
  })
}

/** Tells credentials apart without keeping them; null for a request that carries none. */
function fingerprint({ headers }: WireRequest): string | null {
  const { cookie, authorization } = headers
  if (cookie === undefined && authorization === undefined) return null
  return createHash('sha256')
    .update(`${cookie ?? ''}\n${authorization ?? ''}`)
    .digest('base64')
}
