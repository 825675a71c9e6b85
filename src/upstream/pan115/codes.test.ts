import { expect, test } from 'vitest'
import { findRefusal, refusalError } from './codes.ts'

const withdrawnText =
  '登录失败，系统已下架！如果你有电脑端的使用需求，我们诚挚邀请你下载体验115产品专属客户端“115浏览器”'

test.each([
  ['a flag', { state: false, errno: 99, error: '请重新登录' }, { code: '99', text: '请重新登录' }],
  ['a number', { state: 0, code: 40199002, message: 'x' }, { code: '40199002', text: 'x' }],
  ['a text', { state: 'false', errNo: '990001' }, { code: '990001', text: '' }],
  ['code 0', { state: 0, errno: 0, code: 0, error: 'no' }, { code: '', text: 'no' }],
  ['errno "" before another code', { state: false, errno: '', code: 911 }, { code: '911', text: '' }],
  ['no state but a number', { errno: 99, error: 'x' }, { code: '99', text: 'x' }],
  ['the text in msg', { state: false, msg: '很抱歉', errno: 50003 }, { code: '50003', text: '很抱歉' }],
])('findRefusal() sees the no in %s', (_, answer, refusal) => {
  expect(findRefusal(answer)).toEqual(refusal)
})

test.each([
  { state: true, errno: '' },
  { state: 1, code: 0 },
  { state: '1' },
  { state: true, errno: 409, data: {} },
  { data: {}, code: 7 },
  {},
])('findRefusal() sees no refusal in %j', (answer) => {
  expect(findRefusal(answer)).toBeNull()
})

test.each([
  ['99', 'AuthExpired', 'log-in-again'],
  ['990001', 'AuthExpired', 'log-in-again'],
  ['40101032', 'AuthExpired', 'log-in-again'],
  ['40199002', 'AuthExpired', 'log-in-again'],
  ['911', 'VerificationRequired', 'verify-account'],
  ['590075', 'RateLimited', 'wait'],
  ['40101004', 'RateLimited', 'wait'],
  ['20018', 'NotFound', null],
  ['231011', 'NotFound', null],
  ['50038', 'PermissionDenied', null],
  ['990002', 'Protocol', 'report'],
  ['4711', 'Protocol', 'report'],
])('refusalError() of %s is %s', (code, kind, advice) => {
  const error = refusalError('list "films"', { code, text: '115 speaks' }, { status: 200 })
  expect(error).toMatchObject({ kind, advice, upstream: { status: 200, code, message: '115 speaks' } })
  expect(error.message).toMatch(/^Cannot list "films": .*[^.]$/)
})

test('refusalError() knows a withdrawn client by its words and keeps them', () => {
  const error = refusalError('log in as "linux"', { code: '', text: withdrawnText })
  expect(error).toMatchObject({
    kind: 'AuthExpired',
    advice: 'choose-other-client',
    upstream: { message: withdrawnText },
  })
})

test('refusalError() treats the JSON form of a block as the page', () => {
  const error = refusalError('list "films"', { code: '', text: '您的访问被阻断' })
  expect(error).toMatchObject({ kind: 'RateLimited', upstream: { status: 405 } })
})

test('refusalError() lets a call say what a number means to it', () => {
  const meaning = { kind: 'Conflict', says: 'it is so here' } as const
  const reading = { means: { '99': meaning }, otherwise: meaning }
  const kindOf = (code: string) => refusalError('x', { code, text: '' }, { reading }).kind
  expect([kindOf('99'), kindOf('4711'), kindOf('990002'), kindOf('911')]).toEqual([
    'Conflict',
    'Conflict',
    'Conflict',
    'VerificationRequired',
  ])
})

test('refusalError() of an unknown number quotes what 115 says', () => {
  const error = refusalError('list "films"', { code: '4711', text: '操作失败。' })
  expect(error.message).toBe('Cannot list "films": 115 refuses and says "操作失败。" (code 4711)')
})
