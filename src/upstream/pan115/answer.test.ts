import { expect, test } from 'vitest'
import { readAnswer } from './answer.ts'
import { toReply } from '../../../test/support/scripted-client.ts'
import type { ScriptedAnswer } from '../../../test/support/scripted-client.ts'

// The beginning of the firewall's page, as it is quoted in reports of users.
const blockPage =
  '<!doctypehtml><html lang="zh-cn"><meta charset="utf-8"><meta name="data-spm"content="a3c0e"><title>405</title><body>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</body></html>'

const read = (answer: ScriptedAnswer) => readAnswer('list "films"', toReply(answer))

test('readAnswer() keeps every digit of an id', () => {
  expect(read({ text: '{"cid":2500000000000000001,"count":2}' })).toEqual({
    cid: '2500000000000000001',
    count: 2,
  })
})

test('readAnswer() gives the body of a refusal whatever its status', () => {
  const json = { state: false, errno: 99 }
  expect([read({ json }), read({ json, status: 401 }), read({ json, status: 404 })]).toEqual([
    json,
    json,
    json,
  ])
})

test.each<[string, ScriptedAnswer, object]>([
  ['the block page', { text: blockPage, status: 405 }, { kind: 'RateLimited', advice: 'wait' }],
  [
    'the block page with status 200',
    { text: blockPage },
    { kind: 'RateLimited', upstream: expect.objectContaining({ status: 405 }) },
  ],
  [
    'an empty 405',
    { text: '', status: 405 },
    { kind: 'RateLimited', upstream: expect.objectContaining({ status: 405 }) },
  ],
  [
    '429',
    { text: '', status: 429, headers: { 'retry-after': '7' } },
    { kind: 'RateLimited', retryAfterMs: 7000 },
  ],
  ['a fault of 115', { text: '<html>Bad Gateway</html>', status: 502 }, { kind: 'Unavailable' }],
  ['a foreign page', { text: '<html>please log in to the hotel</html>' }, { kind: 'Protocol' }],
  ['a foreign page with 403', { text: '<html>no</html>', status: 403 }, { kind: 'PermissionDenied' }],
  ['an empty answer', { text: '' }, { kind: 'Unavailable' }],
  ['JSON that is cut off', { text: '{"state":true,"data":[{"fid":"1' }, { kind: 'Unavailable' }],
  ['JSON that is broken', { text: '{"state":}' }, { kind: 'Protocol' }],
  ['JSON that is no object', { text: '[]' }, { kind: 'Protocol' }],
  ['text', { text: 'slice bounds out of range' }, { kind: 'Protocol' }],
  [
    'an unknown address',
    { text: 'nothing here', status: 404 },
    { kind: 'Protocol', upstream: expect.objectContaining({ status: 404 }) },
  ],
])('readAnswer() says the truth about %s', (_, answer, expected) => {
  expect(() => read(answer)).toThrow(expect.objectContaining(expected))
})

test('readAnswer() never lets a page into its message', () => {
  for (const status of [200, 403, 405, 502]) {
    expect(() => read({ text: blockPage, status })).toThrow(/^Cannot list "films": [^<>]+$/)
  }
})
