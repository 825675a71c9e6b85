import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { errorFields } from './error-fields.ts'
import { StorageError } from './errors.ts'

/** What a log line shows of `error`. */
function logged(error: unknown): string {
  const lines: string[] = []
  const log = pino({ serializers: { error: errorFields } }, { write: (line) => lines.push(line) })
  log.warn({ error }, 'something failed')
  return lines.join('')
}

describe('errorFields()', () => {
  test('tells kind, message, place and the words of the cloud', () => {
    const upstream = { status: 405, code: '99', message: '请重新登录' }
    const error = new StorageError('AuthExpired', 'Cannot list "films"', { upstream })
    error.locate({ storage: '/115', verb: 'list', entry: 'films' })
    expect(errorFields(error)).toEqual({
      kind: 'AuthExpired',
      message: 'Cannot list "films"',
      storage: '/115',
      verb: 'list',
      entry: 'films',
      upstream,
    })
  })

  test('tells where a fault of ours was made, also when it was wrapped', () => {
    const bug = new TypeError('x is not a function')
    expect(logged(bug)).toContain('error-fields.test.ts')
    const line = logged(new StorageError('Internal', 'Internal error', { cause: bug }))
    expect(line).toContain('TypeError: x is not a function')
    expect(line).toContain('error-fields.test.ts')
  })

  test('shows no secret of a message, a cause or a foreign property', () => {
    const socket = Object.assign(new Error('GET https://cdn.example/f?t=s3cret failed'), {
      request: { headers: { cookie: 'SEID=s3cret' } },
    })
    const error = new StorageError('Unavailable', 'Cannot read https://cdn.example/f?k=s3cret', {
      cause: new Error('sent UID=s3cret; SEID=s3cret', { cause: socket }),
      upstream: { message: 'see http://115.com/?token=s3cret' },
    })
    const line = logged(error)
    expect(line).toContain('GET https://cdn.example/f?[hidden] failed')
    expect(line).not.toContain('s3cret')
    expect(logged(socket)).not.toContain('s3cret')
  })

  test('ends with causes that name each other', () => {
    const one = new Error('one')
    one.cause = new Error('two', { cause: one })
    expect(logged(one)).toContain('Error: two')
  })

  test('takes what is no error', () => {
    expect(errorFields('plain UID=s3cret')).toEqual({ message: 'plain UID=[hidden]' })
  })
})
