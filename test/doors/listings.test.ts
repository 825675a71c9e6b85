// Listings are whole or say so, whatever the cloud answers, at both doors.
import { describe, expect, test } from 'vitest'
import { basic } from '../support/gateway.ts'
import { useStage } from '../support/stage.ts'

const stage = useStage()

describe('listings are whole or say so', () => {
  const namesOf = (entries: readonly { readonly name: string }[]) => entries.map(({ name }) => name).sort()

  test.each([0, 1, 1149, 1150, 1151, 25_000])('%i entries are exactly that many', async (count) => {
    const [id = ''] = (await stage.cloud.control.seed(stage.account, [{ name: `n${count}`, children: [] }]))
      .ids
    if (count > 0) await stage.cloud.control.seed(stage.account, { flat: count }, id)
    await stage.mount(stage.cookie, { addition: { root_folder_id: id } })
    const { data } = await stage.list('/115', { per_page: 0 })
    expect(data.total).toBe(count)
    const truth = (await stage.cloud.control.tree(stage.account, `/n${count}`)).children ?? []
    expect(namesOf(data.content)).toEqual(namesOf(truth))
    expect(data.incomplete).toBeNull()
  })

  /** A mounted folder in an account of its own: some of these tests get their account blocked. */
  async function folderOf(count: number): Promise<{ owner: string; id: string }> {
    const { account: owner, cookies } = await stage.cloud.control.createAccount({ devices: ['tv'] })
    const [id = ''] = (await stage.cloud.control.seed(owner, [{ name: 'mounted', children: [] }])).ids
    await stage.cloud.control.seed(owner, { flat: count }, id)
    await stage.mount(cookies['tv'] ?? '', { addition: { root_folder_id: id } })
    await stage.cloud.control.resetLog()
    return { owner, id }
  }

  test('a count that is larger than the rows ends soon and is marked', async () => {
    await folderOf(2000)
    await stage.cloud.control.fault({ fault: 'list.phantom', n: 3 })
    const { data } = await stage.list('/115', { per_page: 0 })
    expect([data.total, data.incomplete?.missing]).toEqual([2000, 3])
    expect((await stage.cloud.control.counts())['list']).toBeLessThanOrEqual(4)
  })

  test('a page that repeats ends soon and is marked', async () => {
    await folderOf(2000)
    await stage.cloud.control.fault({ fault: 'list.repeat' })
    const { data } = await stage.list('/115', { per_page: 0 })
    expect(data.total + (data.incomplete?.missing ?? 0)).toBe(2000)
    expect((await stage.cloud.control.counts())['list']).toBeLessThanOrEqual(4)
  })

  test('an entry deleted while paging does not lose another one', async () => {
    const { owner, id } = await folderOf(3000)
    const before = (await stage.cloud.control.tree(owner, '/mounted')).children ?? []
    await stage.cloud.control.fault({ fault: 'list.removeDuring', cid: id, afterPage: 1, times: 1 })
    const { data } = await stage.list('/115', { per_page: 0 })
    const after = (await stage.cloud.control.tree(owner, '/mounted')).children ?? []
    expect(after.length).toBe(before.length - 1)
    const got = new Set(data.content.map(({ name }) => name))
    expect(after.filter(({ name }) => !got.has(name))).toEqual([])
    expect(data.incomplete).toBeNull()
  })

  test('types that drift and one bad row lose at most that row', async () => {
    await folderOf(50)
    await stage.cloud.control.fault({ fault: 'types.drift', seed: 7, bareIds: true })
    expect((await stage.list('/115', { per_page: 0 })).data.total).toBe(50)
    await stage.cloud.control.clearFaults()
    await stage.cloud.control.fault({ fault: 'list.badrow', at: 5 })
    const { data } = await stage.list('/115', { refresh: true, per_page: 0 })
    expect(data.total).toBeGreaterThanOrEqual(49)
  })

  test.each([
    ['the firewall page', { fault: 'waf.page' }, 503],
    ['HTML instead of JSON', { fault: 'html' }, 502],
    ['JSON cut in the middle', { fault: 'truncate', honest: true }, 502],
    ['a server error', { fault: 'http', status: 500 }, 503],
    ['nothing at all', { fault: 'empty' }, 502],
  ] as const)(
    '%s is an error at both doors, never an empty folder, never its HTML',
    async (_what, fault, davStatus) => {
      await folderOf(5)
      await stage.cloud.control.fault({ ...fault, match: { class: 'list' } })
      const listed = await stage.list('/115')
      expect([listed.code, listed.data]).toEqual([500, null])
      expect(listed.message).not.toMatch(/<[a-z!]/i)
      const dav = await fetch(`${stage.gateway.davUrl}/115/`, {
        method: 'PROPFIND',
        headers: { authorization: basic(stage.gateway), depth: '1' },
      })
      expect([502, 503]).toContain(dav.status)
      if (davStatus === 503) expect(dav.status).toBe(503)
      expect(await dav.text()).not.toContain('data-spm')
    },
  )

  test('a firewall page stops the asking, and what is remembered still answers', async () => {
    const { account: owner, cookies } = await stage.cloud.control.createAccount({ devices: ['tv'] })
    await stage.cloud.control.seed(owner, [{ name: 'films', children: [{ name: 'a', size: 1 }] }])
    await stage.mount(cookies['tv'] ?? '')
    expect(await stage.names('/115')).toEqual(['films'])
    await stage.cloud.control.fault({ fault: 'waf.page', match: { class: 'list', account: owner } })
    const refused = await stage.list('/115/films')
    expect(refused.code).toBe(500)
    await stage.cloud.control.resetLog()
    for (let i = 0; i < 20; i += 1) expect((await stage.list('/115/films')).code).toBe(500)
    const dav = await fetch(`${stage.gateway.davUrl}/115/films/`, {
      method: 'PROPFIND',
      headers: { authorization: basic(stage.gateway), depth: '1' },
    })
    expect(dav.status).toBe(503)
    expect(Number(dav.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await stage.cloud.control.counts())['list'] ?? 0).toBe(0)
    expect((await stage.list('/115')).data.content.map(({ name }) => name)).toEqual(['films'])
  })
})
