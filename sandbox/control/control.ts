import type { Buffer } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { hostName, isLoopback } from '../server/address.ts'
import { readBody, sendJson } from '../server/listener.ts'
import { accountCalls } from './account-calls.ts'
import { type ControlCall, type ControlContext, ControlError, PngReply } from './control-call.ts'
import { faultCalls } from './fault-calls.ts'
import { logCalls } from './log-calls.ts'
import { sendPage } from './page.ts'
import { treeCalls } from './tree-calls.ts'

const MAX_BODY_BYTES = 512 * 1024 * 1024

type Serve = (
  request: IncomingMessage,
  response: ServerResponse,
  target: { path: string; query: string },
) => Promise<void>

/** Serves everything under `/__sandbox/`. */
export function createControl(context: ControlContext): Serve {
  const calls = [...logCalls(), ...accountCalls(), ...treeCalls(), ...faultCalls()]
  return async (request, response, target) => {
    if (!isOwn(request)) {
      request.resume()
      sendJson(response, 403, { error: 'only pages and programs of this machine may control the sandbox' })
      return
    }
    const path = target.path.slice(1).replace(/\/$/, '')
    if (request.method === 'GET' && (path === '' || path === 'page')) {
      sendPage(request, response)
      return
    }
    await answer(context, calls, request, response, { path, query: target.query })
  }
}

/** A page of another origin may resolve its own name to loopback; it cannot forge these headers. */
function isOwn({ headers }: IncomingMessage): boolean {
  if (!isLoopback(hostName(headers.host ?? ''))) return false
  return headers.origin === undefined || isOwnOrigin(headers.origin, headers.host ?? '')
}

function isOwnOrigin(origin: string, host: string): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}

async function answer(
  context: ControlContext,
  calls: readonly ControlCall[],
  request: IncomingMessage,
  response: ServerResponse,
  { path, query }: { path: string; query: string },
): Promise<void> {
  const body = await readBody(request, MAX_BODY_BYTES)
  const [name = '', id = ''] = path.split('/')
  const wanted = `${request.method} ${name}${id === '' ? '' : '/:id'}`
  const found = calls.find((each) => each.call === wanted)
  if (!found) {
    const known = calls.map((each) => each.call)
    sendJson(response, 404, { error: `no control call "${request.method} ${path}"`, known })
    return
  }
  try {
    const controlRequest = { id, query: new URLSearchParams(query), body, json: () => parseObject(body) }
    const reply = await found.run(context, controlRequest)
    if (reply instanceof PngReply) response.writeHead(200, { 'content-type': 'image/png' }).end(reply.png)
    else sendJson(response, 200, reply)
  } catch (error) {
    // All of these calls are asked by people and tests: whatever is wrong, they should read it.
    sendJson(response, 400, { error: error instanceof Error ? error.message : String(error) })
  }
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {}
  const value: unknown = JSON.parse(body.toString('utf8'))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ControlError('the body is not a JSON object')
  }
  return value as Record<string, unknown>
}
