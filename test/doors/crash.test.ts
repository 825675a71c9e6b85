// The process is killed in the middle of things; what is on disk must be whole and the next start right.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mount115, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts'

interface ListData {
  readonly content: readonly { readonly name: string }[]
  readonly total: number
}

describe('kill -9', () => {
  let cloud: TestSandbox
  let gateway: TestGateway
  let cookie: string
  let account: string

  beforeAll(async () => {
    cloud = await startTestSandbox()
    const made = await cloud.control.createAccount({ name: 'crash', devices: ['tv'] })
    account = made.account
    cookie = made.cookies['tv'] ?? ''
    await cloud.control.seed(made.account, [{ name: 'flat-10k', children: [] }])
    const folder = (await cloud.control.tree(made.account, '/flat-10k')).id
    await cloud.control.seed(made.account, { generator: 'flat-10k' }, folder)
    gateway = await startTestGateway({ sandboxUrl: cloud.sandbox.url })
    await mount115(gateway, cookie)
  }, 60_000)

  afterAll(async () => {
    await gateway?.close()
    await cloud?.close()
  })

  test('during a listing leaves no half listing behind', async () => {
    await gateway.api('/api/fs/list', { path: '/115' })
    // Each page takes its time, so that the kill falls between pages.
    await cloud.control.fault({ fault: 'slow', ms: 60, match: { class: 'list' } })
    for (const afterMs of [40, 130, 250, 420]) {
      const cut = gateway
        .api<ListData>('/api/fs/list', { path: '/115/flat-10k', per_page: 1 })
        .catch(() => null)
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      await gateway.stop('SIGKILL')
      await cut
      await gateway.start()
      expect((await gateway.api<ListData>('/api/fs/list', { path: '/115' })).data.total).toBe(1)
    }
    await cloud.control.clearFaults()
    const whole = await gateway.api<ListData>('/api/fs/list', { path: '/115/flat-10k', per_page: 0 })
    const truth = (await cloud.control.tree(account, '/flat-10k')).children ?? []
    const names = (entries: readonly { readonly name: string }[]) => entries.map(({ name }) => name).sort()
    expect(truth).toHaveLength(10_000)
    expect(names(whole.data.content)).toEqual(names(truth))
  }, 120_000)

  test('during storage saves leaves each storage whole: saved or not there', async () => {
    for (let round = 0; round < 6; round += 1) {
      const saves = Array.from({ length: 5 }, (_, i) =>
        mount115(gateway, cookie, { mountPath: `/r${round}/m${i}` }).catch(() => null),
      )
      await new Promise((resolve) => setTimeout(resolve, 5 + round * 15))
      await gateway.stop('SIGKILL')
      await Promise.all(saves)
      await gateway.start()
      const { data } = await gateway.api<{
        content: { mount_path: string; driver: string; addition: string }[]
      }>('/api/admin/storage/list')
      for (const storage of data.content) {
        expect(storage.driver).toBe('115 Cloud')
        expect(JSON.parse(storage.addition)).toMatchObject({ root_folder_id: '0' })
      }
      // Everything that is there works: nothing was saved without its cookie.
      for (const { mount_path } of data.content) {
        const listed = await gateway.api<ListData>('/api/fs/list', { path: mount_path })
        expect(listed.data?.total, `${mount_path}: ${listed.message}`).toBe(1)
      }
    }
  }, 120_000)
})
