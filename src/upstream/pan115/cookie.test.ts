import { expect, test } from 'vitest'
import vectors from '../../../test/parity/pan115-crypto-vectors.json' with { type: 'json' }
import { parseCookie, printCookie } from './cookie.ts'

const known = {
  uid: '123456789_A1_1700000000',
  cid: 'aaaa',
  seid: 'bbbb',
  kid: 'cccc',
  userId: '123456789',
  slot: 'A1',
  loggedInAt: new Date(1_700_000_000_000),
}
const line = 'UID=123456789_A1_1700000000; CID=aaaa; SEID=bbbb; KID=cccc'
const list = [
  { name: 'USERSESSIONID', value: 'x', domain: '.115.com' },
  { name: 'UID', value: known.uid, domain: '.115.com' },
  { name: 'CID', value: 'aaaa' },
  { name: 'seid', value: 'bbbb' },
  { name: 'KID', value: 'cccc' },
]

test('parseCookie() agrees with the vectors', () => {
  const { cookie } = vectors.misc
  expect(parseCookie(cookie.in)).toEqual({
    ...known,
    userId: cookie.user_id,
    slot: cookie.ssoent,
    loggedInAt: new Date(cookie.login_time * 1000),
  })
})

test.each([
  ['a plain line', line],
  ['a header line', `Cookie: ${line}`],
  ['no spaces and a trailing semicolon', `${line.replaceAll(' ', '')};`],
  ['spaces around everything', '  UID = 123456789_A1_1700000000 ;CID= aaaa ; SEID =bbbb;  KID=cccc  '],
  ['lower-case names in another order', 'kid=cccc; seid=bbbb; cid=aaaa; uid=123456789_A1_1700000000'],
  ['quotes around the whole', `"${line}"`],
  ['quotes around the values', line.replaceAll(/=([^;]+)/g, '="$1"')],
  ['one per line', line.replaceAll('; ', '\r\n')],
  ['one per line with semicolons', line.replaceAll('; ', ';\n')],
  ['other cookies between', `acw_tc=UIDX; ${line}; 115_lang=zh; XCID=no; Path=/`],
  ['a curl argument', `-H 'Cookie: ${line}'`],
  ['an exported list', JSON.stringify(list, null, 2)],
  ['an exported object with a list', JSON.stringify({ url: 'https://115.com', cookies: list })],
  ['an exported object', JSON.stringify({ UID: known.uid, CID: 'aaaa', SEID: 'bbbb', KID: 'cccc' })],
])('parseCookie() reads %s', (_, text) => {
  expect(parseCookie(text)).toEqual(known)
})

test('parseCookie() takes a login without KID', () => {
  const cookie = parseCookie(line.replace('; KID=cccc', ''))
  expect(cookie).toEqual({ ...known, kid: null })
  expect(printCookie(cookie)).toBe('UID=123456789_A1_1700000000; CID=aaaa; SEID=bbbb')
})

test.each([
  ['', 'Cookie lacks UID, CID, SEID'],
  ['CID=aaaa; SEID=; KID=cccc', 'Cookie lacks UID, SEID'],
  ['[{"name":"UID","value":"1_A1_2"}]', 'Cookie lacks CID, SEID'],
  ['[{"name":"UID", "val', 'Cookie lacks UID, CID, SEID'],
  ['UID=nobody; CID=a; SEID=b', 'Cookie has a UID'],
])('parseCookie() of %j says what is wrong', (text, message) => {
  expect(() => parseCookie(text)).toThrow(expect.objectContaining({ kind: 'InvalidInput' }))
  expect(() => parseCookie(text)).toThrow(message)
})

test('parseCookie() never quotes a value in its error', () => {
  expect(() => parseCookie('UID=nobody; CID=topsecret; SEID=b')).toThrow(/^(?!.*(nobody|topsecret)).*$/)
})

test('printCookie() gives what parseCookie() reads', () => {
  expect(printCookie(parseCookie(`Cookie: ${line};`))).toBe(line)
})
