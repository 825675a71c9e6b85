import { createHash } from 'node:crypto'
import { fastify, type FastifyInstance } from 'fastify'
import { beforeEach, expect, test } from 'vitest'
import { AuthError } from '../../auth/auth-error.ts'
import { subjectOf } from '../../auth/subjects.ts'
import type { User } from '../../auth/user.ts'
import { StorageError } from '../../core/errors.ts'
import { VPath } from '../../core/path.ts'
import { newStorage, type StorageRecord } from '../../vfs/storage-record.ts'
import type { StorageStatus } from '../../vfs/storages.ts'
import { createPage } from './page.ts'

let title: string
let guest: User
let statuses: Record<string, StorageStatus>
let app: FastifyInstance

beforeEach(() => {
  title = 'panport'
  guest = {
    id: 2,
    name: 'guest',
    role: 'guest',
    basePath: VPath.root,
    permission: 0,
    disabled: false,
    passwordChangedAt: new Date(0),
    allowsLdap: false,
    ssoId: '',
  }
  statuses = {
    '/115': { state: 'work', report: null },
    '/a/<b>&': {
      state: 'failed',
      error: new StorageError('AuthExpired', 'Cannot open: UID=hunter2'),
    },
    '/off': { state: 'disabled' },
  }
  app = fastify()
  app.register(
    createPage({
      settings: { get: (() => title) as never },
      storages: {
        list: async () => Object.keys(statuses).map(recordAt),
        status: ({ mountPath }) => statuses[mountPath] ?? { state: 'starting' },
      },
      guest: async () => guest,
      byPassword: async ({ name, password, network }) => {
        if (password !== 'right') throw new AuthError('wrong-credentials', 'no')
        return {
          ...guest,
          id: 3,
          name: `${name}@${network}`,
          role: name === 'root' ? 'admin' : 'general',
          disabled: false,
        }
      },
      clientIp: () => '203.0.113.9',
      subjectOf,
      originOf: ({ headers }) => `https://${headers.host}/pan`,
      version: '0.1.0',
    }),
  )
})

function recordAt(mountPath: string): StorageRecord {
  return { ...newStorage({ mountPath, driver: 'x' }), id: 1, modifiedAt: new Date(0) }
}

const open = (headers: Record<string, string> = {}) =>
  app.inject({ url: '/', headers: { host: 'pan.example', 'accept-language': 'en', ...headers } })

test('createPage() shows where to connect', async () => {
  const { body, headers } = await open()
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(body).toContain('<code>https://pan.example/pan/dav</code>')
  expect(body).toContain('<code>https://pan.example/pan</code>')
  expect(body).toContain('Version 0.1.0')
})

test('createPage() speaks the language of the reader', async () => {
  const chinese = await open({ 'accept-language': 'zh-CN,en;q=0.5' })
  expect(chinese.body).toContain('<html lang="zh-CN">')
  expect(chinese.body).toContain('接下来')
  expect(chinese.headers['vary']).toContain('Accept-Language')
  const english = await open()
  expect(english.body).toContain('<html lang="en">')
  expect(english.body).not.toMatch(/\p{Script=Han}/u)
})

test('createPage() names mounts and their states to guests, no reasons, nothing that is off', async () => {
  const { body } = await open()
  expect(body).toContain('<span>/115</span><span class="works">works</span>')
  expect(body).toContain('<span>/a/&lt;b&gt;&amp;</span><span class="failed">not available</span>')
  expect(body).not.toMatch(/hunter2|Cannot open|\/off/)
})

test('createPage() names only what hangs below the guest’s base path, as the guest sees it', async () => {
  guest = { ...guest, basePath: VPath.parse('/a') }
  const { body } = await open()
  expect(body).toContain('<span>/&lt;b&gt;&amp;</span>')
  expect(body).not.toContain('/115')
})

test('createPage() tells nobody what is mounted while the guest account is shut', async () => {
  guest = { ...guest, disabled: true }
  const { body } = await open()
  expect(body).not.toContain('/115')
  expect(body).toContain('<a href="mounts">Sign in to see what is mounted</a>')
})

const signIn = (credentials: string | null) =>
  app.inject({
    url: '/mounts',
    headers: {
      host: 'pan.example',
      'accept-language': 'en',
      ...(credentials !== null && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
  })

test('createPage() asks at /mounts for a password and shows nothing without a right one', async () => {
  guest = { ...guest, disabled: true }
  for (const credentials of [null, 'root:wrong', 'no colon']) {
    const { statusCode, headers, body } = await signIn(credentials)
    expect([statusCode, headers['www-authenticate']]).toEqual([401, 'Basic realm="panport", charset="UTF-8"'])
    expect(body).not.toContain('/115')
  }
})

test('createPage() shows mounts to who signed in, and why one fails to administrators alone', async () => {
  guest = { ...guest, disabled: true }
  const user = await signIn('小明:right')
  expect(user.body).toContain('<span>/115</span><span class="works">works</span>')
  expect(user.body).not.toContain('Cannot open')
  const admin = await signIn('root:right')
  expect(admin.body).toContain('<small>Cannot open: UID=hunter2</small>')
  expect(admin.headers['cache-control']).toBe('no-store')
})

test('createPage() says when nothing is mounted', async () => {
  statuses = {}
  expect((await open()).body).toContain('Nothing is mounted yet')
})

test('createPage() escapes the title and falls back when it is blank', async () => {
  title = '<script>alert("1")</script>'
  expect((await open()).body).toContain('<title>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</title>')
  title = ' '
  expect((await open()).body).toContain('<title>panport</title>')
})

test('createPage() allows exactly its own style, and loads nothing from elsewhere', async () => {
  const { body, headers } = await open()
  const style = /<style>(.*?)<\/style>/s.exec(body)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain(`style-src 'sha256-${hash}'`)
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('script-src')
  expect(body).not.toMatch(/<script|(src|href)="(?!favicon\.svg"|mounts")/)
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
})

test('createPage() serves its icon', async () => {
  const { headers, body } = await app.inject({ url: '/favicon.svg' })
  expect(headers['content-type']).toContain('image/svg+xml')
  expect(body).toMatch(/^<svg .*<\/svg>$/)
})
