import { describe, expect, test } from 'vitest'
import { isStorageError, StorageError, toStorageError } from './errors.ts'

describe('StorageError', () => {
  test('has nulls for what was not given', () => {
    const error = new StorageError('NotFound', 'Cannot find "a"')
    expect(error).toMatchObject({
      name: 'StorageError',
      kind: 'NotFound',
      message: 'Cannot find "a"',
      retry: 'never',
      retryAfterMs: null,
      upstream: null,
      advice: null,
      place: {},
    })
    expect(error).toBeInstanceOf(Error)
    expect('cause' in error).toBe(false)
  })

  test('carries what was given', () => {
    const cause = new Error('socket')
    const upstream = { status: 405, code: '990001', message: '登录超时' }
    const given = { retryAfterMs: 5000, upstream, cause, advice: 'wait' as const }
    expect(new StorageError('RateLimited', 'Slow down', given)).toMatchObject(given)
  })

  test('only a full or unreachable cloud is worth asking again later', () => {
    const later = (['RateLimited', 'Unavailable', 'AuthExpired', 'Protocol', 'Internal'] as const).filter(
      (kind) => new StorageError(kind, '').retry === 'later',
    )
    expect(later).toEqual(['RateLimited', 'Unavailable'])
  })

  test('locate() adds what is not known yet and keeps what was said closer to the truth', () => {
    const error = new StorageError('NotFound', 'x').locate({ verb: 'list', entry: 'films' })
    expect(error.locate({ storage: '/115', verb: 'link' })).toBe(error)
    expect(error.place).toEqual({ storage: '/115', verb: 'list', entry: 'films' })
  })
})

describe('toStorageError()', () => {
  test('gives a StorageError back as it is, even when the caller has left', () => {
    const error = new StorageError('NotFound', 'x')
    expect(toStorageError(error)).toBe(error)
    expect(toStorageError(error, AbortSignal.abort())).toBe(error)
  })

  test('is Cancelled when the caller has left, and Internal otherwise', () => {
    const cause = new TypeError('x is undefined')
    expect(toStorageError(cause, AbortSignal.abort())).toMatchObject({ kind: 'Cancelled', cause })
    expect(toStorageError(cause, new AbortController().signal)).toMatchObject({
      kind: 'Internal',
      message: 'Internal error: x is undefined',
      advice: 'report',
      cause,
    })
    expect(toStorageError('text').message).toBe('Internal error: text')
  })
})

test('isStorageError() knows the class and, when asked, the kind', () => {
  const error = new StorageError('NotFound', 'x')
  expect([
    isStorageError(error),
    isStorageError(error, 'NotFound'),
    isStorageError(error, 'Conflict'),
  ]).toEqual([true, true, false])
  expect(isStorageError(new Error('x'))).toBe(false)
})
