// The demo as the README walks through it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestDemo, type TestDemo } from '../support/demo.ts'
import { program } from '../support/gateway.ts'

let demo: TestDemo

beforeAll(async () => {
  demo = await startTestDemo()
}, 60_000)

afterAll(() => demo?.close())

/** Signs in with the command the demo itself suggests, scanning and confirming as the sandbox's phone. */
async function signInAsSuggested(): Promise<{ readonly code: number; readonly cookie: string }> {
  const args = /run "panport (login .*?)"/.exec(demo.output())?.[1]?.split(' ') ?? []
  const login = spawn(process.execPath, [program, ...args], { env: { ...process.env, LANG: 'en_US.UTF-8' } })
  const ended = once(login, 'exit')
  let cookie = ''
  login.stdout.on('data', (chunk) => {
    cookie += String(chunk)
  })
  for await (const line of createInterface({ input: login.stderr })) {
    const uid = /\/scan\/dg-(\w+)$/.exec(line)?.[1]
    if (uid)
      for (const action of ['scan', 'confirm'] as const) await demo.control.qr(uid, action, demo.account)
  }
  const [code] = (await ended) as [number]
  return { code, cookie: cookie.trim() }
}

describe('the QR login that the demo suggests', () => {
  test('gives a login that plays, and leaves the mounted one playing', async () => {
    const { code, cookie } = await signInAsSuggested()
    expect(code).toBe(0)
    expect(cookie).toMatch(/^UID=/)

    const options = JSON.stringify({ cookie })
    const made = await demo.api<{ checks: { of: string; ok: boolean | null }[] }>(
      '/api/admin/storage/create',
      { mount_path: '/scanned', driver: '115 Cloud', addition: options },
    )
    expect(made.data.checks).toContainEqual(expect.objectContaining({ of: 'link', ok: true }))

    for (const mount of ['/115', '/scanned']) {
      const answer = await fetch(await demo.signedUrl('d', `${mount}/电影`, '短片.mp4'), {
        headers: { 'user-agent': 'Infuse/8' },
      })
      expect(answer.status, mount).toBe(200)
      expect((await answer.arrayBuffer()).byteLength, mount).toBeGreaterThan(0)
    }
  }, 60_000)
})
