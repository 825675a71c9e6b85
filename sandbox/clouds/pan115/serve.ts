import { Buffer } from 'node:buffer'
import { type Answer, cutConnection, resetConnection, sendBody, waitForClient } from '../../server/answer.ts'
import type { Exchange } from '../../server/exchange.ts'
import { printLargePhpJson } from '../../server/php-json.ts'
import { type Fault, numberOf, textOf } from '../../state/faults.ts'
import type { Pan115 } from './cloud.ts'
import { isDelisted } from './devices.ts'
import { drift } from './drift.ts'
import { NotEmulated, Refusal } from './errors.ts'
import { familyOf, familyPath } from './hosts.ts'
import { delisted, firewallPage, html, json, notEmulated, raw, refuse } from './reply.ts'
import { type Call, matchRoute, type Route } from './route.ts'
import { allRoutes } from './routes.ts'
import { findSession, refusalOf } from './session.ts'

// What any call may carry without meaning anything to it. 115 itself ignores all it does not know.
const COMMON_PARAMS = ['_', 't', 'app_ver', 'format', 'callback', 'user_id', 'userid']
const KNOWN_HEADERS = new Set(
  (
    'accept accept-charset accept-encoding accept-language cache-control connection content-length content-type ' +
    'cookie dnt expect host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive ' +
    'origin pragma priority range referer te traceparent transfer-encoding upgrade-insecure-requests user-agent ' +
    'x-forwarded-for x-forwarded-host x-forwarded-proto x-requested-with'
  ).split(' '),
)

/** A function that answers requests to any of 115's hosts. */
export function createPan115Server(cloud: Pan115): (exchange: Exchange) => Promise<void> {
  const routes = allRoutes()
  return async (exchange) => deliver(exchange, cloud, await makeAnswer(exchange, cloud, routes))
}

async function makeAnswer(exchange: Exchange, cloud: Pan115, routes: readonly Route[]): Promise<Answer> {
  const { line } = exchange
  const family = familyOf(exchange.host)
  const path = familyPath(exchange.host, exchange.path)
  const found =
    family && path !== null ? matchRoute(routes, family, path, (name) => exchange.params.get(name)) : null
  cloud.world.log.classify(line, found?.route.class ?? 'other')
  if (!found) return notEmulated(`path "${exchange.path}" of ${exchange.host}`)
  identify(exchange, cloud)
  const stray = cloud.isLoose ? null : findStray(exchange, found.route)
  if (stray !== null) return notEmulated(`${stray} of ${exchange.host}${exchange.path}`)
  return (await applyFaults(exchange, cloud)) ?? runRoute({ exchange, cloud, app: found.app }, found.route)
}

function identify(exchange: Exchange, cloud: Pan115): void {
  exchange.session = findSession(cloud, exchange)
  const { line, session } = exchange
  line.device = session?.device ?? null
  // Whoever follows a link is known by the link only.
  line.account = line.class === 'cdn' ? exchange.params.get('u') : (session?.account.userId ?? null)
}

function findStray(exchange: Exchange, route: Route): string | null {
  const known = [...COMMON_PARAMS, ...Object.keys(route.select ?? {}), ...route.params]
  const param = exchange.params.names().find((name) => !known.includes(name))
  if (param !== undefined) return `parameter "${param}"`
  const header = Object.keys(exchange.headers).find(
    (name) => !KNOWN_HEADERS.has(name) && !name.startsWith('sec-'),
  )
  return header === undefined ? null : `header "${header}"`
}

async function runRoute(call: Call, route: Route): Promise<Answer> {
  try {
    if ('open' in route) return await route.open(call)
    const refusal = admit(call, route)
    return refusal ?? (await route.guarded(call, sessionOf(call.exchange)))
  } catch (error) {
    if (error instanceof Refusal) return refuse(error, route.dialect, requestOf(call.exchange))
    if (error instanceof NotEmulated) return notEmulated(`${error.message} of ${call.exchange.path}`)
    throw error
  }
}

/** The firewall and the login stand before every guarded call. */
function admit(call: Call, route: Route): Answer | null {
  const { exchange, cloud } = call
  if (route.class === 'list' && !passesFirewall(call)) return firewallPage(cloud.world.random.hex(32))
  const code = refusalOf(cloud, exchange, route.dialect === 'app')
  if (code !== null) return refuse(notLoggedIn(code, route), route.dialect, requestOf(exchange))
  if (isDelisted(exchange.session?.device ?? '')) return delisted()
  const caps = cloud.world.faults.peek('session.caps', exchange.facts())
  return caps && !isAllowed(caps, exchange)
    ? refuse(new Refusal(99), route.dialect, requestOf(exchange))
    : null
}

function notLoggedIn(code: number, route: Route): Refusal {
  return route.dialect === 'passport' ? new Refusal(40101032) : new Refusal(code)
}

function passesFirewall({ exchange, cloud }: Call): boolean {
  const { account } = exchange.line
  const fault = cloud.world.faults.peek('waf.account', exchange.facts())
  const rule = fault
    ? {
        limit: numberOf(fault, 'limit', 10),
        windowMs: numberOf(fault, 'windowMs', 10_000),
        coolMs: numberOf(fault, 'coolMs', 300_000),
      }
    : cloud.limits.firewall
  if (!rule || account === null) return true
  return cloud.firewall.admit(account, exchange.host, cloud.world.clock.now(), rule)
}

/** A restricted login may still look itself up: only what the switch can name is taken away. */
function isAllowed(caps: Fault, exchange: Exchange): boolean {
  const { line } = exchange
  if (textOf(caps, 'account', line.account ?? '') !== line.account) return true
  if (textOf(caps, 'device', line.device ?? '') !== line.device) return true
  if (['info', 'login', 'other'].includes(line.class)) return true
  const allowed = caps.params['caps']
  return Array.isArray(allowed) && allowed.includes(line.class)
}

async function applyFaults(exchange: Exchange, cloud: Pan115): Promise<Answer | null> {
  const { faults, clock, random } = cloud.world
  const facts = exchange.facts()
  const slow = faults.take('slow', facts)
  if (slow) await clock.sleep(numberOf(slow, 'ms', 1000), exchange.signal)
  if (faults.take('hang', facts)) await waitForClient(exchange)
  if (exchange.signal.aborted || faults.take('reset', facts)) return { kind: 'reset' }
  if (faults.take('waf.page', facts)) return firewallPage(random.hex(32))
  const http = faults.take('http', facts)
  if (http) return httpFault(http)
  const page = faults.take('html', facts)
  if (page)
    return html(200, textOf(page, 'body', '<!DOCTYPE html><html><body><h1>系统维护中</h1></body></html>'))
  if (faults.take('empty', facts)) return raw(200, { 'content-type': 'application/json' }, '')
  const soft = faults.take('soft', facts)
  return soft ? softFault(soft) : null
}

function httpFault(fault: Fault): Answer {
  const headers: Record<string, string> = { 'content-type': 'text/html' }
  const given = fault.params['headers']
  if (typeof given === 'object' && given !== null) {
    for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = String(value)
  }
  return raw(numberOf(fault, 'status', 500), headers, textOf(fault, 'body', ''))
}

function softFault(fault: Fault): Answer {
  const code = numberOf(fault, 'errno', 990003)
  const error = textOf(fault, 'error', new Refusal(code).message)
  return json({ state: false, error, [textOf(fault, 'key', 'errno')]: code })
}

async function deliver(exchange: Exchange, cloud: Pan115, answer: Answer): Promise<void> {
  switch (answer.kind) {
    case 'reset':
      resetConnection(exchange)
      return
    case 'stream':
      await answer.write(exchange)
      return
    case 'raw':
      await sendBody(exchange, answer.status, answer.headers, answer.body)
      return
    case 'json':
      await deliverJson(exchange, cloud, answer)
  }
}

async function deliverJson(
  exchange: Exchange,
  cloud: Pan115,
  answer: Answer & { kind: 'json' },
): Promise<void> {
  const { faults } = cloud.world
  const drifting = faults.take('types.drift', exchange.facts())
  const value = drifting ? drift(answer.value, drifting, exchange.line.number) : answer.value
  const body = Buffer.from(await printLargePhpJson(value))
  const truncate = faults.take('truncate', exchange.facts())
  if (!truncate) return sendBody(exchange, 200, answer.headers, body)
  const part = body.subarray(0, numberOf(truncate, 'bytes', Math.floor(body.length / 2)))
  if (truncate.params['honest'] !== false) return sendBody(exchange, 200, answer.headers, part)
  await sendLess(exchange, answer, body.length, part)
}

/** Promises the whole length and hangs up after a part. */
function sendLess(
  exchange: Exchange,
  answer: Answer & { kind: 'json' },
  promised: number,
  part: Buffer,
): Promise<void> {
  const { response, line } = exchange
  line.status = 200
  line.bytesOut += part.length
  response.writeHead(200, { ...answer.headers, 'content-length': promised })
  return new Promise((resolve) => {
    response.once('close', resolve)
    response.write(part, () => cutConnection(exchange))
  })
}

function sessionOf(exchange: Exchange): NonNullable<Exchange['session']> {
  if (!exchange.session) throw new Refusal(99)
  return exchange.session
}

function requestOf(exchange: Exchange): string {
  return exchange.query ? `${exchange.path}?${exchange.query}` : exchange.path
}
