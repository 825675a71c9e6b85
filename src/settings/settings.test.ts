import { beforeEach, describe, expect, test } from 'vitest'
import { fakeSettingStore } from '../../test/support/fake-stores.ts'
import { Settings, type SettingStore } from './settings.ts'

describe('Settings', () => {
  let store: SettingStore
  let settings: Settings

  beforeEach(async () => {
    store = fakeSettingStore()
    settings = await Settings.load(store)
  })

  const item = (key: string) => settings.items().find((each) => each.key === key)

  test('items() explain themselves in both languages', () => {
    for (const { key, help } of settings.items()) {
      expect([key, /\p{Script=Han}/u.test(help.zh), help.en.length > 5]).toEqual([key, true, true])
    }
  })

  test.each(['javascript:alert(1)', 'pan.example.com', 'https://a:b@pan.example', 'https://x/?q', 'ftp://x'])(
    'save() refuses %j as the address of the site',
    async (address) => {
      await expect(settings.save({ site_url: address })).rejects.toMatchObject({ kind: 'InvalidInput' })
    },
  )

  test.each([
    [' https://pan.example/a/b/ ', 'https://pan.example/a/b'],
    ['http://192.168.1.2:5244', 'http://192.168.1.2:5244'],
    ['', ''],
  ])('save() takes %j as the address of the site', async (address, kept) => {
    await settings.save({ site_url: address })
    expect(settings.get('site_url')).toBe(kept)
  })

  test('get() gives defaults in the types of the program', () => {
    expect(settings.get('sign_all')).toBe(true)
    expect(settings.get('allow_mounted')).toBe(true)
    expect(settings.get('link_expiration')).toBe(0)
    expect(settings.get('pagination_type')).toBe('all')
    expect(settings.get('version')).toMatch(/^v3\.\d+\.\d+$/)
  })

  test('load() makes a static token once, and keeps it', async () => {
    const token = settings.get('token')
    expect(token).toMatch(/^alist-[0-9a-f]{8}-[0-9a-f-]{27}[\w-]{64}$/)
    expect((await Settings.load(store)).get('token')).toBe(token)
    expect((await Settings.load(fakeSettingStore())).get('token')).not.toBe(token)
  })

  test('save() shows at once and is there after a restart', async () => {
    await settings.save({ sign_all: 'false', link_expiration: '12', site_title: ' 我的网盘 ' })
    for (const each of [settings, await Settings.load(store)]) {
      expect([each.get('sign_all'), each.get('link_expiration')]).toEqual([false, 12])
      expect(each.get('site_title')).toBe(' 我的网盘 ')
    }
  })

  test('save() hands secrets to the store as such, and nothing else', async () => {
    const saved: { key: string; secret: boolean }[] = []
    const watched = await Settings.load({ ...store, save: async (changes) => void saved.push(...changes) })
    await watched.save({ token: 'a token of length', site_title: 'x' })
    expect(saved.map(({ key, secret }) => [key, secret])).toEqual([
      ['token', true],
      ['site_title', false],
    ])
  })

  test.each([
    [{ sign_all: 'yes' }, 'Setting "sign_all" is "yes" and must be true or false'],
    [{ link_expiration: '-1' }, 'Setting "link_expiration" is "-1" and must be a whole number, 0 or more'],
    [{ link_expiration: '1.5' }, 'Setting "link_expiration" is "1.5" and must be a whole number, 0 or more'],
    [{ default_page_size: '' }, 'Setting "default_page_size" is "" and must be a whole number, 1 or more'],
    [{ pagination_type: 'x' }, /^Setting "pagination_type" is "x" and must be one of all, pagination,/],
    [{ external_previews: '{' }, 'Setting "external_previews" is not JSON'],
    [{ token: 'short' }, 'Setting "token" must have 16 characters or more'],
    [{ version: 'v9.9.9' }, 'Setting "version" cannot be changed'],
    [{ nonsense: '1' }, 'Unknown setting "nonsense"'],
  ])('save() of %j is refused, and everything with it', async (change, message) => {
    const before = settings.items()
    const change2 = { site_title: 'changed', ...change } as Record<string, string>
    await expect(settings.save(change2)).rejects.toMatchObject({
      kind: 'InvalidInput',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
    expect(settings.items()).toEqual(before)
  })

  test('save() takes a whole page back as it was given, read-only settings included', async () => {
    const page = Object.fromEntries(settings.items().map(({ key, value }) => [key, value]))
    await settings.save({ ...page, site_title: 'new' })
    expect(settings.get('site_title')).toBe('new')
    expect(settings.get('token')).toBe(page['token'])
  })

  test('publicValues() holds texts, what clients parse at start, and nothing private', () => {
    const values = settings.publicValues()
    expect(values).toMatchObject({
      version: 'v3.45.0',
      allow_mounted: 'true',
      search_index: 'none',
      multipart_enabled: 'false',
      default_page_size: '30',
      external_previews: '{}',
      iframe_previews: '{}',
    })
    for (const key of ['token', 'sign_all', 'link_expiration', 'text_types', 'trusted_proxies']) {
      expect(values).not.toHaveProperty(key)
    }
    expect(Object.values(values).every((value) => typeof value === 'string')).toBe(true)
    // A client takes us for version 2 of the API when this text stands anywhere in the answer.
    expect(JSON.stringify(values)).not.toContain('v2.')
  })

  test('items() tells administrators everything about a setting, in order', () => {
    expect(settings.items().map(({ index }) => index)).toEqual(settings.items().map((_, i) => i))
    expect(item('pagination_type')).toMatchObject({
      value: 'all',
      type: 'select',
      choices: ['all', 'pagination', 'load_more', 'auto_load_more'],
      group: 1,
      visibility: 'public',
    })
    expect(item('version')).toMatchObject({ group: 1, visibility: 'readonly' })
    expect(item('token')).toMatchObject({ group: 0, visibility: 'private', value: settings.get('token') })
  })

  test('every key is declared once, and every default is acceptable', async () => {
    const keys = settings.items().map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
    const defaults = settings.items().filter(({ key }) => key !== 'token')
    await settings.save(Object.fromEntries(defaults.map(({ key, value }) => [key, value])))
    expect(settings.items().filter(({ key }) => key !== 'token')).toEqual(defaults)
  })

  test('a stored value that no longer fits counts as its default', async () => {
    const old = await Settings.load(
      fakeSettingStore({ link_expiration: 'never', version: 'v1.0.0', gone: 'x' }),
    )
    expect(old.get('link_expiration')).toBe(0)
    expect(old.get('version')).toBe('v3.45.0')
  })

  test('resetToken() gives the new one, kept at once', async () => {
    const before = settings.get('token')
    const token = await settings.resetToken()
    expect(token).not.toBe(before)
    expect(settings.get('token')).toBe(token)
    expect((await store.load()).get('token')).toBe(token)
  })

  test('reload() sees what another process saved', async () => {
    await (await Settings.load(store)).save({ site_title: 'from beside' })
    expect(settings.get('site_title')).toBe('panport')
    await settings.reload()
    expect(settings.get('site_title')).toBe('from beside')
  })

  test('a save that fails on disk changes nothing', async () => {
    const broken = await Settings.load({
      load: () => store.load(),
      save: () => Promise.reject(new Error('disk')),
    })
    await expect(broken.save({ site_title: 'x' })).rejects.toThrow('disk')
    expect(broken.get('site_title')).toBe('panport')
  })
})
