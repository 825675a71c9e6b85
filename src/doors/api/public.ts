import type { ApiParts } from './parts.ts'
import { type Route, WrittenReply } from './route.ts'
import { succeed } from './envelope.ts'

/** What front ends ask before anybody logs in. */
export function publicRoutes(parts: ApiParts): readonly Route[] {
  const anyone = { method: 'ANY', access: 'anyone' } as const
  return [
    { ...anyone, url: '/api/public/settings', answer: async () => writeSettings(parts) },
    { ...anyone, url: '/api/public/offline_download_tools', answer: async () => [] },
    { ...anyone, url: '/api/public/archive_extensions', answer: async () => [] },
  ]
}

/**
 * All public settings as texts. Our own version has a key of its own, because clients compare `version` with
 * AList's. One client takes a body with `v2.` anywhere in it (a logo's address, say) for an older API, and sees
 * the raw text; escaped, the letters mean the same to everybody who parses.
 */
function writeSettings({ settings, version }: ApiParts): WrittenReply {
  const values = { ...settings.publicValues(), panport_version: version }
  const body = JSON.stringify(succeed(values)).replaceAll('v2.', String.raw`v2\u002e`)
  return new WrittenReply(Buffer.from(body))
}
