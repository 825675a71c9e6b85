import { describe, expect, it } from 'vitest'
import { locate, parseListen } from './address.ts'

const isKnown = (host: string) => host === 'webapi.115.com'

describe('locate()', () => {
  it('routes by Host, else by the first path segment', () => {
    const files = { kind: 'cloud', host: 'webapi.115.com', path: '/files', query: 'cid=0?1' }
    expect(locate('WebAPI.115.com:5150', '/files?cid=0?1', isKnown)).toEqual({ ...files, byPath: false })
    expect(locate('127.0.0.1:5150', '/webapi.115.com/files?cid=0?1', isKnown)).toEqual({
      ...files,
      byPath: true,
    })
    expect(locate('127.0.0.1', '/webapi.115.com', isKnown)).toMatchObject({ kind: 'cloud', path: '/' })
    expect(locate('127.0.0.1', '/example.com/files', isKnown)).toMatchObject({ kind: 'unknown' })
  })

  it('keeps the control calls off the emulated hosts', () => {
    expect(locate('localhost', '/__sandbox/log?since=1', isKnown)).toEqual({
      kind: 'control',
      path: '/log',
      query: 'since=1',
    })
    expect(locate('localhost', '/__sandbox', isKnown)).toMatchObject({ kind: 'control', path: '/' })
    expect(locate('webapi.115.com', '/__sandbox/log', isKnown)).toMatchObject({ kind: 'cloud' })
    expect(locate('localhost', '/__sandboxes', isKnown)).toMatchObject({ kind: 'unknown' })
  })
})

describe('parseListen()', () => {
  it('reads loopback addresses of both families', () => {
    expect(parseListen('127.0.0.1:5150')).toEqual({ host: '127.0.0.1', port: 5150 })
    expect(parseListen('[::1]:0')).toEqual({ host: '::1', port: 0 })
    expect(parseListen('localhost:80')).toEqual({ host: 'localhost', port: 80 })
  })

  it.each(['127.0.0.1', '127.0.0.1:x', '127.0.0.1:70000', '0.0.0.0:1', '127.0.0.1.evil.example:1'])(
    'refuses %s',
    (listen) => {
      expect(() => parseListen(listen)).toThrow(`Cannot listen on "${listen}"`)
    },
  )
})
