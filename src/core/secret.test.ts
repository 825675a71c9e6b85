import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secret.ts'

const secret = new Secret('topsecret')

test.each([
  ['a text', () => String(secret)],
  ['concatenation', () => 'cookie: '.concat(secret as never)],
  ['JSON', () => JSON.stringify({ secret, list: [secret] })],
  ['inspect', () => inspect({ secret }, { depth: 5, showHidden: true, getters: true })],
  ['format', () => format('%s %o %O %j', secret, secret, secret, secret)],
  ['an error message', () => new Error(`cannot use ${String(secret)}`).stack ?? ''],
  ['its keys', () => JSON.stringify([Object.keys(secret), Object.getOwnPropertyNames(secret)])],
  ['a copy', () => JSON.stringify(Object.assign({}, secret))],
])('a secret does not show in %s', (_, show) => {
  expect(show()).not.toContain('topsecret')
})

test('reveal() is the way to the value', () => {
  expect(secret.reveal()).toBe('topsecret')
})

test('isEmpty tells whether there is one', () => {
  expect([secret.isEmpty, new Secret('').isEmpty]).toEqual([false, true])
})
