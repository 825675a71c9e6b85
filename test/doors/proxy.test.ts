// Bytes through the gateway: bounded memory, nothing read that nobody wants. Sizes are counted, not times.
import { readFile } from 'node:fs/promises'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mount115, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts'

const mebibyte = 1024 * 1024

describe('proxying', () => {
  let cloud: TestSandbox
  let gateway: TestGateway
  const urls: Record<string, string> = {}

  beforeAll(async () => {
    cloud = await startTestSandbox()
    const { account, cookies } = await cloud.control.createAccount({ devices: ['tv'] })
    // Content whose hash is known beforehand, so that nobody waits for a gigabyte to be hashed.
    await cloud.control.seed(account, [
      { name: 'huge.bin', size: 8_589_946_937, seed: 'film-4' },
      { name: 'large.bin', size: 1_503_238_554, seed: 'film-1' },
    ])
    gateway = await startTestGateway({ sandboxUrl: cloud.sandbox.url })
    await mount115(gateway, cookies['tv'] ?? '', { web_proxy: true, webdav_policy: 'native_proxy' })
    const { data } = await gateway.api<{ content: { name: string; sign: string }[] }>('/api/fs/list', {
      path: '/115',
    })
    for (const { name, sign } of data.content) {
      urls[name] = `${gateway.url}/p/115/${name}?sign=${encodeURIComponent(sign)}`
    }
  }, 60_000)

  afterAll(async () => {
    await gateway?.close()
    await cloud?.close()
  })

  const open = (url: string, headers: Record<string, string> = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      httpGet(url, { headers, agent: false }, resolve).once('error', reject)
    })

  /** Kilobytes of the gateway's own memory now. */
  async function residentKb(): Promise<number> {
    const status = await readFile(`/proc/${gateway.process.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1])
  }

  /** What the CDN gave for the newest download, once it has noted its end. */
  async function lastCdn() {
    await expect
      .poll(async () => (await cloud.control.log()).findLast((line) => line.class === 'cdn')?.durationMs)
      .not.toBeNull()
    const line = (await cloud.control.log()).findLast((each) => each.class === 'cdn')
    if (!line) throw new Error('nothing was read from the CDN')
    return line
  }

  test.skipIf(process.platform !== 'linux')(
    'a gibibyte passes without 64 MiB of growth',
    async () => {
      // Once before, so that what is measured is the work and not the first use of code.
      for await (const chunk of await open(urls['large.bin'] ?? '', {
        range: `bytes=0-${64 * mebibyte - 1}`,
      }))
        void chunk
      const before = await residentKb()
      let most = before
      let bytes = 0
      for await (const chunk of await open(urls['large.bin'] ?? '', {
        range: `bytes=0-${1024 * mebibyte - 1}`,
      })) {
        const passed = Math.floor(bytes / (64 * mebibyte))
        bytes += (chunk as Buffer).length
        if (Math.floor(bytes / (64 * mebibyte)) > passed) most = Math.max(most, await residentKb())
      }
      expect(bytes).toBe(1024 * mebibyte)
      expect((most - before) / 1024).toBeLessThan(64)
    },
    120_000,
  )

  test('a client that leaves stops the reading', async () => {
    await cloud.control.resetLog()
    const response = await open(urls['huge.bin'] ?? '')
    await new Promise((resolve) => response.once('data', resolve))
    response.destroy()
    const line = await lastCdn()
    expect(line.bytesOut).toBeLessThan(256 * mebibyte)
    expect(line.aborted).toBe(true)
  })

  test('a client that reads slowly is not read ahead for', async () => {
    await cloud.control.resetLog()
    const response = await open(urls['huge.bin'] ?? '')
    response.pause()
    // Long enough for everything between the CDN and the client to fill up.
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const before = await residentKb()
    response.destroy()
    const line = await lastCdn()
    expect(line.bytesOut).toBeLessThan(32 * mebibyte)
    expect(before).toBeLessThan(400 * 1024)
  })

  test('a cloud that breaks off is told by a short body, never by a clean end', async () => {
    await cloud.control.fault({ fault: 'cdn.cut', afterBytes: 100_000 })
    const response = await open(urls['large.bin'] ?? '')
    let bytes = 0
    const ended = new Promise<string>((resolve) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.once('end', () => resolve('end'))
      response.once('error', () => resolve('error'))
    })
    expect(await ended).toBe('error')
    expect(bytes).toBeLessThan(1_503_238_554)
    await cloud.control.clearFaults()
  })
})
