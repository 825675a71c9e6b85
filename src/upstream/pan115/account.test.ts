import { expect, test } from 'vitest'
import { makeCtx } from '../../core/ctx.ts'
import { accountSpace, assertLoggedIn, uploadAccess, userInfo } from './account.ts'
import { scriptedClient } from '../../../test/support/scripted-client.ts'

const clientWith = (json: unknown) => scriptedClient(() => ({ json })).client

test.each([
  [undefined, { state: true }],
  ['AuthExpired', { state: false }],
  ['AuthExpired', { state: false, errno: 99, error: '请重新登录' }],
  ['AuthExpired', { state: false, errNo: 990001 }],
  ['RateLimited', { state: false, error: '您的访问被阻断' }],
  ['Protocol', {}],
])('assertLoggedIn() throws %s for %j', async (kind, json) => {
  const outcome = await assertLoggedIn(clientWith(json), 'link "a"', makeCtx()).catch((e: unknown) => e)
  expect((outcome as { kind?: string } | undefined)?.kind).toBe(kind)
})

test('assertLoggedIn() does not take a block for an answer', async () => {
  const { client } = scriptedClient(() => ({ text: '<html>', status: 405 }))
  await expect(assertLoggedIn(client, 'link "a"', makeCtx())).rejects.toMatchObject({ kind: 'RateLimited' })
})

test('userInfo() names the account', async () => {
  const client = clientWith({ state: true, data: { user_id: 123456789, user_name: 'tester' } })
  expect(await userInfo(client, makeCtx())).toEqual({ userId: '123456789', userName: 'tester' })
  await expect(userInfo(clientWith({ state: true, data: [] }), makeCtx())).rejects.toMatchObject({
    kind: 'Protocol',
  })
})

test('accountSpace() reads sizes of any type and leaves open what is not said', async () => {
  const space_info = { all_total: { size: '100' }, all_use: { size: 40.5 }, all_remain: [] }
  const client = clientWith({ state: true, data: { space_info } })
  expect(await accountSpace(client, makeCtx())).toEqual({ totalBytes: 100, usedBytes: 40, freeBytes: null })
})

test('uploadAccess() gives what uploads are announced with', async () => {
  const client = clientWith({ user_id: 1, userkey: 'AB', upload_allowed: true, errno: 0 })
  expect(await uploadAccess(client, makeCtx())).toEqual({ userId: '1', userKey: 'AB' })
})

test('uploadAccess() says when 115 does not allow uploads, in its words', async () => {
  const client = clientWith({ state: true, user_id: 1, upload_allowed: false, upload_allowed_msg: '不允许' })
  await expect(uploadAccess(client, makeCtx())).rejects.toMatchObject({
    kind: 'PermissionDenied',
    upstream: { message: '不允许' },
  })
})

test('uploadAccess() refused does not say that the login is dead', async () => {
  const client = clientWith({ state: false, errno: 99 })
  await expect(uploadAccess(client, makeCtx())).rejects.toMatchObject({ advice: 'scan-with-app-client' })
})
