import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestSandbox, type TestSandbox } from '../test/support/sandbox.ts'
import { startGateway } from './app.ts'
import { readConfig } from './config.ts'
import { newStorage } from './vfs/storage-record.ts'

describe('startGateway()', () => {
  let cloud: TestSandbox
  let folder: string

  const start = (listen = '127.0.0.1:0') =>
    startGateway(readConfig({ listen, data: folder, sandbox: cloud.sandbox.url, logLevel: 'silent' }))

  beforeEach(async () => {
    cloud = await startTestSandbox()
    folder = await mkdtemp(join(tmpdir(), 'panport-app-'))
  })
  afterEach(async () => {
    await cloud.close()
    await rm(folder, { recursive: true })
  })

  test('listens, and ends, although a cloud does not answer', async () => {
    const { cookies } = await cloud.control.createAccount({ devices: ['tv'] })
    const first = await start()
    const options = { cookie: cookies['tv'] ?? '' }
    await first.storages.create(newStorage({ mountPath: '/115', driver: '115 Cloud', options }))
    await first.close()
    await cloud.control.fault({ fault: 'slow', ms: 60_000, match: { class: 'list' } })
    const beganMs = performance.now()
    const gateway = await start()
    expect((await fetch(`${gateway.url}/ping`)).status).toBe(200)
    const [record] = await gateway.storages.list()
    expect(record && gateway.storages.status(record)).toEqual({ state: 'starting' })
    const port = new URL(gateway.url).port
    await gateway.close()
    expect(performance.now() - beganMs).toBeLessThan(15_000)

    // Nothing of the first is left, so that another can take its place.
    const next = await start(`127.0.0.1:${port}`)
    await next.close()
  }, 60_000)
})
