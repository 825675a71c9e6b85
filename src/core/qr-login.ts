import type { Ctx } from './ctx.ts'
import type { Secret } from './secret.ts'

/** A login code that a phone scans. */
export interface QrTicket {
  /** The cloud's id of this attempt; also what AList calls the QR code token. */
  readonly uid: string
  /** Opaque values the cloud wants back with each question about the ticket. */
  readonly time: string
  readonly sign: string
  /** The text to draw as a QR code. */
  readonly text: string
}

export type QrState = 'waiting' | 'scanned' | 'confirmed' | 'expired' | 'cancelled'

export interface QrApp {
  /** The name the cloud and the `qrcode_source` option use, e.g. `alipaymini`. */
  readonly name: string
  /** The login slot it takes: a login of the same slot replaces the older one. */
  readonly slot: string
  readonly label: { readonly zh: string; readonly en: string }
  /** `advised` for people; `discouraged` disturbs daily use of that client; `withdrawn` no longer logs in. */
  readonly standing: 'advised' | 'fine' | 'discouraged' | 'withdrawn'
}

/** What a login gives. */
export interface QrCredential {
  /** `UID=…; CID=…; SEID=…; KID=…` */
  readonly cookie: Secret
  readonly userId: string
  readonly userName: string
}

/** Logging in to a cloud by a code that a phone scans. All verbs throw StorageError. */
export interface QrLogin {
  readonly apps: readonly QrApp[]
  /** A new code. `app` is one of `apps`. */
  start(app: string, ctx: Ctx): Promise<QrTicket>
  /**
   * The present state; the cloud may hold the question (about half a minute) until it changes. Never throws
   * for expiry or refusal: those are states.
   */
  poll(ticket: QrTicket, ctx: Ctx): Promise<QrState>
  /** Exchanges a confirmed uid for a credential of `app`. Throws AuthExpired when it is not confirmed or too old. */
  exchange(uid: string, app: string, ctx: Ctx): Promise<QrCredential>
  /** The cloud's own answer to the two questions of the older two-step page, as it came. */
  raw(
    question:
      | { readonly ask: 'token' }
      | { readonly ask: 'status'; readonly uid: string; readonly time: string; readonly sign: string },
    ctx: Ctx,
  ): Promise<{ readonly status: number; readonly contentType: string; readonly body: Buffer }>
}
