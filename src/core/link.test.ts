import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { canFollow, type LinkBinding, type UrlLink } from './link.ts'

const url = 'https://cdn.example/a.mkv?t=1'
const player = { userAgent: 'Infuse/8', clientIp: '192.0.2.7' }
const silent = { userAgent: '', clientIp: null }

function link(headers: Record<string, string>, boundTo: LinkBinding[] = [], address = url): UrlLink {
  return { kind: 'url', url: address, headers, boundTo, expiresAt: null, maxConnections: null }
}

describe('canFollow()', () => {
  it.each([
    ['a link without demands', link({}), player, 'redirect'],
    ['a link without demands, no user agent', link({}), silent, 'redirect'],
    ['its own user agent', link({ 'user-agent': 'Infuse/8' }, ['userAgent']), player, 'redirect'],
    ['another user agent', link({ 'user-agent': 'panport' }, ['userAgent']), player, 'stream'],
    ['a bound link, no user agent', link({ 'user-agent': '' }, ['userAgent']), silent, 'stream'],
    ['an empty demand', link({ 'user-agent': '' }), silent, 'stream'],
    ['a bound link without a demand, no user agent', link({}, ['userAgent']), silent, 'stream'],
    ['a cookie', link({ 'user-agent': 'Infuse/8', cookie: 'k=v' }, ['userAgent']), player, 'stream'],
    ['a cookie alone', link({ cookie: 'k=v' }), player, 'stream'],
    ['a referer', link({ referer: 'https://example.org/' }), player, 'stream'],
    ['its address', link({}, ['clientIp']), player, 'redirect'],
    ['an unknown address', link({}, ['clientIp']), { userAgent: 'Infuse/8', clientIp: null }, 'stream'],
    ['another scheme', link({}, [], 'file:///etc/passwd'), player, 'stream'],
  ])('%s', (_name, given, reader, kind) => {
    expect(canFollow(given, reader)).toBe(kind === 'redirect')
  })

  it('nobody follows what only this process can open', () => {
    expect(canFollow({ kind: 'stream', open: async () => Readable.from([]) }, player)).toBe(false)
  })
})
