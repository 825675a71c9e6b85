import type { IncomingMessage, ServerResponse } from 'node:http'

export function sendPage(_: IncomingMessage, response: ServerResponse): void {
  response.end('')
}
