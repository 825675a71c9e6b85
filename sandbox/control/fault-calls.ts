import type { FirewallRule, Limits } from '../clouds/pan115/limits.ts'
import type { Session, SessionState } from '../state/accounts.ts'
import type { Fault } from '../state/faults.ts'
import { type ControlCall, type ControlContext, ControlError, type ControlRequest } from './control-call.ts'
import { findAccount, optionalText } from './fields.ts'

/** Switches for what goes wrong, and the numbers of the limits. */
export function faultCalls(): readonly ControlCall[] {
  return [
    { call: 'GET faults', run: ({ world }) => ({ faults: world.faults.list() }) },
    { call: 'POST faults', run: addFaults },
    { call: 'DELETE faults', run: clearFaults },
    { call: 'DELETE faults/:id', run: removeFault },
    { call: 'GET limits', run: ({ pan115 }) => pan115.limits },
    { call: 'POST limits', run: changeLimits },
  ]
}

function addFaults(context: ControlContext, request: ControlRequest): object {
  const value: unknown = JSON.parse(request.body.toString('utf8'))
  const specs: readonly unknown[] = Array.isArray(value) ? value : [value]
  const faults = specs.map((spec) => switchOn(context, spec))
  return { id: faults[0]?.id, ids: faults.map((fault) => fault.id) }
}

function switchOn(context: ControlContext, spec: unknown): Fault {
  const fault = context.world.faults.add(spec)
  if (fault.fault === 'http' && !isStatus(fault.params['status'] ?? 500)) {
    context.world.faults.remove(fault.id)
    throw new ControlError('"status" is no HTTP status from 200 to 599')
  }
  if (fault.fault === 'session.kick') endOnce(context, fault, 'kicked')
  if (fault.fault === 'session.expire') endOnce(context, fault, 'expired')
  return fault
}

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599
}

/** Happens now and is over: a login does not come back when the switches are cleared. */
function endOnce(context: ControlContext, fault: Fault, state: SessionState): void {
  context.world.faults.remove(fault.id)
  for (const session of sessionsOf(context, fault)) session.state = state
}

function sessionsOf(context: ControlContext, { params }: Fault): Session[] {
  const device = optionalText(params, 'device')
  const account = findAccount(context, optionalText(params, 'account'))
  const sessions = account.sessions.filter((session) => device === null || session.device === device)
  if (sessions.length === 0) throw new ControlError(`no login of "${device}" in "${account.userId}"`)
  return sessions
}

/** Blocks of the firewall go with the switches that caused them. */
function clearFaults({ world, pan115 }: ControlContext): object {
  world.faults.clear()
  pan115.firewall.reset()
  return {}
}

function removeFault({ world }: ControlContext, { id }: ControlRequest): object {
  if (!world.faults.remove(Number(id))) throw new ControlError(`no fault "${id}"`)
  return {}
}

function changeLimits({ pan115 }: ControlContext, request: ControlRequest): Limits {
  const changes = request.json()
  const stray = Object.keys(changes).find((name) => !Object.hasOwn(pan115.limits, name))
  if (stray !== undefined) throw new ControlError(`no limit "${stray}"`)
  for (const [name, value] of Object.entries(changes)) {
    if (name === 'firewall') checkFirewall(value)
    else checkNumber(name, value)
  }
  pan115.limits = { ...pan115.limits, ...changes }
  return pan115.limits
}

function checkFirewall(value: unknown): void {
  if (value === null) return
  if (typeof value !== 'object') throw new ControlError('"firewall" is not null or an object')
  const rule = value as Partial<FirewallRule>
  for (const name of ['limit', 'windowMs', 'coolMs'] as const) checkNumber(name, rule[name])
}

function checkNumber(name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return
  throw new ControlError(`"${name}" is not a number from 0 up`)
}
