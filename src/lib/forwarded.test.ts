import { describe, expect, test } from 'vitest'
import { lookOutside, parseNetworks } from './forwarded.ts'

const trusted = parseNetworks('127.0.0.0/8, ::1/128, 10.1.0.0/16, nonsense, 1.2.3.4/99')

const look = (remoteAddress: string, headers: Record<string, string>, isEncrypted = false) =>
  lookOutside({ remoteAddress, headers: { host: 'nas:5244', ...headers }, isEncrypted }, trusted)

describe('lookOutside()', () => {
  test('believes nobody who is not trusted', () => {
    const forged = {
      'x-forwarded-for': '9.9.9.9',
      'x-forwarded-host': 'evil',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/x',
    }
    expect(look('203.0.113.5', forged)).toEqual({
      clientIp: '203.0.113.5',
      origin: 'http://nas:5244',
      prefix: '',
    })
  })

  test('takes from a trusted proxy what it says', () => {
    const said = {
      'x-forwarded-for': '203.0.113.5',
      'x-forwarded-host': 'pan.example.com',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/a/b/',
    }
    expect(look('127.0.0.1', said)).toEqual({
      clientIp: '203.0.113.5',
      origin: 'https://pan.example.com',
      prefix: '/a/b',
    })
  })

  test('of a chain the last address no trusted proxy vouches for is the client', () => {
    expect(look('::ffff:127.0.0.1', { 'x-forwarded-for': '1.1.1.1, 203.0.113.5, 10.1.2.3' }).clientIp).toBe(
      '203.0.113.5',
    )
    expect(look('127.0.0.1', { 'x-forwarded-for': '10.1.2.3' }).clientIp).toBe('10.1.2.3')
    expect(look('127.0.0.1', { 'x-forwarded-for': 'rubbish' }).clientIp).toBe('127.0.0.1')
    expect(look('127.0.0.1', { 'x-real-ip': '203.0.113.7' }).clientIp).toBe('203.0.113.7')
  })

  test('a host or prefix that is more than that is not used', () => {
    expect(look('127.0.0.1', { 'x-forwarded-host': 'a.example/"><script>' }).origin).toBe('http://nas:5244')
    expect(look('127.0.0.1', { host: 'a b' }).origin).toBe('http://localhost')
    for (const prefix of ['//evil.example', '/a?b', '/a"b', 'a/b', '/../x/..']) {
      expect(look('127.0.0.1', { 'x-forwarded-prefix': prefix }).prefix).not.toContain('evil')
    }
    expect(look('127.0.0.1', { 'x-forwarded-prefix': '//evil.example' }).prefix).toBe('')
  })

  test('an encrypted socket is https without anybody saying so', () => {
    expect(look('203.0.113.5', {}, true).origin).toBe('https://nas:5244')
    expect(look('203.0.113.5', { host: '[2001:db8::1]:8443' }, true).origin).toBe(
      'https://[2001:db8::1]:8443',
    )
  })
})
