import { expect, test } from 'vitest'
import { type Advice, StorageError } from '../../core/errors.ts'
import { adviseOn, describeCheck, describeNotice, explain } from './messages.ts'

const advices: Advice[] = [
  'log-in-again',
  'scan-with-app-client',
  'choose-other-client',
  'check-folder-id',
  'wait',
  'verify-account',
  'report',
  'check-network',
]

test.each(advices)('adviseOn() says what to do about %s in both languages', (advice) => {
  const error = new StorageError('Unavailable', 'Cannot list', { advice })
  expect(adviseOn(error, 'zh')).toMatch(/^暂时连不上网盘。.*\p{Script=Han}/u)
  expect(adviseOn(error, 'en')).toMatch(
    /^The cloud cannot be reached at the moment\. [A-Z][^\p{Script=Han}]+$/u,
  )
})

test("explain() tells our words, the cloud's, the meaning and the next step, in that order", () => {
  const error = new StorageError('AuthExpired', 'Cannot list "films": the login is not accepted', {
    upstream: { message: '登录超时', code: '990001' },
    advice: 'log-in-again',
  })
  expect(explain(error, 'en')).toBe(
    'Cannot list "films": the login is not accepted (登录超时, 990001). The cloud no longer accepts the login. ' +
      'Log in again in the storage settings: scan the QR code or paste a new cookie',
  )
})

test("explain() does not repeat the cloud's words when ours have them", () => {
  const error = new StorageError('Protocol', 'Cannot list "a": 系统已下架', {
    upstream: { message: '系统已下架' },
  })
  expect(explain(error, 'zh').match(/系统已下架/g)).toHaveLength(1)
})

test('explain() shows no link and no cookie that slipped into an error', () => {
  const words = 'Cannot open https://cdn.test/a.mkv?t=1&k=hunter2 with UID=1_A1_2; CID=hunter3'
  expect(explain(new StorageError('Protocol', words), 'en')).not.toMatch(/hunter|1_A1_2/)
})

test.each([
  [undefined, 'Play and download: not tried (nothing there to try it on)', '播放与下载：未能测试'],
  [null, 'Play and download: works', '播放与下载：可用'],
  [
    new StorageError('PermissionDenied', 'Cannot link', { advice: 'scan-with-app-client' }),
    'Play and download: does not work, Cannot link.',
    '播放与下载：不可用，Cannot link。',
  ],
])('describeCheck() of %s', (error, en, zh) => {
  expect(describeCheck({ of: 'link', error }, 'en')).toContain(en)
  expect(describeCheck({ of: 'link', error }, 'zh')).toContain(zh)
})

test('describeNotice() names the device', () => {
  const notice = { code: 'replaces-session', detail: 'alipaymini' } as const
  expect(describeNotice(notice, 'zh')).toContain('「alipaymini」')
  expect(describeNotice(notice, 'en')).toContain('"alipaymini"')
})
