import type { QrState } from '../clouds/pan115/qr-desk.ts'
import { drawQr } from '../clouds/pan115/qr.ts'
import { cookieOf, logIn } from '../clouds/pan115/session.ts'
import type { Account } from '../state/accounts.ts'
import {
  type ControlCall,
  type ControlContext,
  ControlError,
  type ControlRequest,
  PngReply,
} from './control-call.ts'
import { findAccount, optionalNumber, optionalText, requiredText } from './fields.ts'

const DEFAULT_DEVICES = ['web', 'alipaymini']

/** Accounts and their logins, and the phone that scans QR codes. */
export function accountCalls(): readonly ControlCall[] {
  return [
    { call: 'POST accounts', run: createAccount },
    { call: 'GET accounts', run: ({ world }) => ({ accounts: world.accounts.all().map(describeAccount) }) },
    { call: 'POST sessions', run: createSession },
    { call: 'GET qr', run: listCodes },
    { call: 'GET qr/:id', run: async (_, { id }) => new PngReply(await drawQr(id)) },
    { call: 'POST qr/:id', run: usePhone },
  ]
}

function createAccount(context: ControlContext, request: ControlRequest): object {
  const fields = request.json()
  const devices = fields['devices'] ?? DEFAULT_DEVICES
  if (!Array.isArray(devices)) throw new ControlError('"devices" is not an array')
  const name = optionalText(fields, 'name')
  const spaceBytes = optionalNumber(fields, 'space')
  const account = context.world.accounts.create({
    ...(name !== null && { name }),
    ...(spaceBytes !== null && { spaceBytes }),
  })
  for (const device of devices) logInDevice(context, account, String(device))
  return describeAccount(account)
}

/** One more login of a device, as if its owner had scanned again. */
function createSession(context: ControlContext, request: ControlRequest): object {
  const fields = request.json()
  const account = findAccount(context, optionalText(fields, 'account'))
  return { cookie: logInDevice(context, account, requiredText(fields, 'device')) }
}

function logInDevice({ pan115 }: ControlContext, account: Account, device: string): string {
  const session = logIn(pan115, account, device)
  if (!session) throw new ControlError(`115 knows no device "${device}"`)
  return cookieOf(session)
}

/** `cookies` has the newest living login of each device. */
function describeAccount(account: Account): object {
  const living = account.sessions.filter((session) => session.state === 'active')
  return {
    account: account.userId,
    name: account.name,
    userkey: account.userKey,
    stable: account.stable,
    entries: account.tree.size,
    cookies: Object.fromEntries(living.map((session) => [session.device, cookieOf(session)])),
  }
}

function listCodes({ pan115 }: ControlContext): object {
  const codes = pan115.qr.pending(pan115.limits.qrLifeMs)
  return { codes: codes.map(({ uid, state, createdAtMs }) => ({ uid, state, createdAt: createdAtMs })) }
}

/** `expire` works on confirmed codes too: from then on they cannot be exchanged. */
function usePhone(context: ControlContext, request: ControlRequest): object {
  const { pan115 } = context
  const fields = request.json()
  const code = pan115.qr.find(request.id, pan115.limits.qrLifeMs)
  if (!code) throw new ControlError(`no QR code "${request.id}"`)
  const action = requiredText(fields, 'action')
  const state = stateAfter(action)
  if (action === 'expire') {
    pan115.qr.change(code, state)
    return { uid: code.uid, state: code.state }
  }
  if (code.state !== 'waiting' && code.state !== 'scanned') {
    throw new ControlError(`QR code is ${code.state}: it cannot ${action}`)
  }
  code.account ??= findAccount(context, optionalText(fields, 'account'))
  pan115.qr.change(code, state)
  return { uid: code.uid, state: code.state }
}

function stateAfter(action: string): QrState {
  switch (action) {
    case 'scan':
      return 'scanned'
    case 'confirm':
      return 'confirmed'
    case 'cancel':
      return 'cancelled'
    case 'expire':
      return 'expired'
    default:
      throw new ControlError(`a phone cannot "${action}": scan, confirm, cancel or expire`)
  }
}
