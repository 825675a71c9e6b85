import { StorageError } from '../../core/errors.ts'
import type { Advice, ErrorKind, UpstreamFacts } from '../../core/errors.ts'
import { asText } from './wire.ts'
import type { WireObject } from './wire.ts'

/** A "no" of 115 inside an answer. Empty texts when it gave no number or no words. */
export interface Refusal {
  readonly code: string
  readonly text: string
}

/** What a refusal means to us. */
export interface Meaning {
  readonly kind: ErrorKind
  /** Ends the sentence "Cannot …: ". */
  readonly says: string
  readonly advice?: Advice
}

const gone: Meaning = { kind: 'NotFound', says: 'it does not exist or was deleted' }
const noDirectory: Meaning = { kind: 'NotFound', says: 'the directory does not exist or was deleted' }
/** The login is dead, whatever number said so. */
export const notLoggedIn: Meaning = {
  kind: 'AuthExpired',
  says: '115 does not accept this login any more',
  advice: 'log-in-again',
}
const kicked: Meaning = {
  kind: 'AuthExpired',
  says: 'this login has ended, perhaps replaced by a newer one of the same client',
  advice: 'log-in-again',
}
const ourMistake: Meaning = {
  kind: 'Protocol',
  says: '115 does not understand the request',
  advice: 'report',
}
const tooFast: Meaning = { kind: 'RateLimited', says: '115 asks for fewer requests', advice: 'wait' }

/** Source of the numbers: docs/protocols/pan115.md, "error codes". */
const meanings: Readonly<Record<string, Meaning>> = {
  '99': notLoggedIn,
  '911': {
    kind: 'VerificationRequired',
    says: '115 wants the account verified by a person',
    advice: 'verify-account',
  },
  '1001': ourMistake,
  '10014': noDirectory,
  '20009': noDirectory,
  '20013': noDirectory,
  '20018': gone,
  '31003': gone,
  '50001': gone,
  '50003': gone,
  '50015': gone,
  '50028': { kind: 'PermissionDenied', says: '115 refuses files of this size to this client' },
  '50029': { kind: 'PermissionDenied', says: '115 gives it to its own clients only' },
  '50038': { kind: 'PermissionDenied', says: '115 has flagged the file and gives it to nobody' },
  '70004': { kind: 'NotFound', says: 'the upload of the file was never finished' },
  '70005': gone,
  '70008': gone,
  '90008': gone,
  '200900': ourMistake,
  '231011': gone,
  '430004': gone,
  '590075': tooFast,
  '800001': noDirectory,
  '980006': ourMistake,
  '990001': kicked,
  '990002': ourMistake,
  '40100000': ourMistake,
  '40101004': {
    kind: 'RateLimited',
    says: '115 refuses logins from this network until midnight in China',
    advice: 'wait',
  },
  '40101017': {
    kind: 'AuthExpired',
    says: 'the code was not confirmed on the phone, or was used up',
    advice: 'log-in-again',
  },
  '40101032': notLoggedIn,
  '40101033': kicked,
  '40101035': kicked,
  '40101037': kicked,
  '40101038': kicked,
  '40199002': { kind: 'AuthExpired', says: 'the QR code is no longer valid', advice: 'log-in-again' },
  '50199004': tooFast,
}

/** What stands in the block page, and in the `error` of its JSON form, which has no number. */
const blockedTexts = ['您的访问被阻断', 'your request has been blocked']

/** Part of the only sign of a withdrawn client: the answer says `errno` 0 and `code` 0. */
const withdrawnText = '系统已下架'

const codeKeys = ['errno', 'errNo', 'errcode', 'errCode', 'code', 'msg_code'] as const
const textKeys = ['error', 'msg', 'error_msg', 'message'] as const

/**
 * The refusal in an answer, null when it is a yes. `state` decides where it is present, whatever its type:
 * a refusal may carry code 0, a success `errno` "".
 */
export function findRefusal(answer: WireObject): Refusal | null {
  const code = firstOf(answer, codeKeys)
  const text = firstOf(answer, textKeys)
  const isSilent = answer.state === undefined || answer.state === null
  // Some answers have no state; a number and nothing else is a no all the same.
  if (isSilent) return code !== '' && answer.data === undefined ? { code, text } : null
  return isFalsy(answer.state) ? { code, text } : null
}

/** What one call knows better than the table. */
export interface Reading {
  /** Numbers that mean something else here. */
  readonly means?: Readonly<Record<string, Meaning>>
  /** What it means when the number is unknown, or only says that the request was wrong. */
  readonly otherwise?: Meaning
}

/** The error that says `refusal`. `action` completes "Cannot …" and quotes names. */
export function refusalError(
  action: string,
  refusal: Refusal,
  { status, reading = {} }: { readonly status?: number; readonly reading?: Reading } = {},
): StorageError {
  const { code, text } = refusal
  if (isBlockText(text)) return blockedError(action, text)
  const meaning = meaningOf(refusal, reading)
  const upstream: UpstreamFacts = {
    ...(status === undefined ? {} : { status }),
    ...(code === '' ? {} : { code }),
    ...(text === '' ? {} : { message: text }),
  }
  const advice = meaning.advice ? { advice: meaning.advice } : {}
  return new StorageError(meaning.kind, `Cannot ${action}: ${meaning.says}`, { upstream, ...advice })
}

function meaningOf(refusal: Refusal, { means, otherwise }: Reading): Meaning {
  if (refusal.text.includes(withdrawnText)) return withdrawn
  const known = means?.[refusal.code] ?? meanings[refusal.code]
  if (otherwise && (known === undefined || known === ourMistake)) return otherwise
  return known ?? unknownRefusal(refusal)
}

const withdrawn: Meaning = {
  kind: 'AuthExpired',
  says: '115 has withdrawn the client this login belongs to',
  advice: 'choose-other-client',
}

/** A number nobody has seen: not repeated, because nothing says that repeating is harmless. */
function unknownRefusal({ code, text }: Refusal): Meaning {
  const number = code === '' ? '' : ` (code ${code})`
  const words = text === '' ? 'without saying why' : `and says "${text.slice(0, 120)}"`
  return { kind: 'Protocol', says: `115 refuses ${words}${number}`, advice: 'report' }
}

export function isBlockText(text: string): boolean {
  return blockedTexts.some((each) => text.includes(each))
}

/** The firewall's answer. Status 405 also for its JSON form, so that the transport stops asking. */
export function blockedError(action: string, words: string): StorageError {
  return new StorageError('RateLimited', `Cannot ${action}: 115 blocks this login for some minutes`, {
    upstream: { status: 405, message: words.slice(0, 120) },
    advice: 'wait',
  })
}

/** The error for an answer that is none of the shapes we know. */
export function protocolError(action: string, what: string, facts: UpstreamFacts = {}): StorageError {
  return new StorageError('Protocol', `Cannot ${action}: ${what}`, { upstream: facts, advice: 'report' })
}

/** The first that says something; 0 and "" say nothing. */
function firstOf(answer: WireObject, keys: readonly string[]): string {
  for (const key of keys) {
    const text = asText(answer[key]).trim()
    if (text !== '' && text !== '0') return text
  }
  return ''
}

function isFalsy(state: unknown): boolean {
  return state === false || state === 0 || ['', '0', 'false'].includes(String(state))
}
