import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { makeCtx, silentLogger } from '../../core/ctx.ts'
import { parseOptions } from '../../core/options.ts'
import { ManualClock } from '../../lib/clock.ts'
import type { Transport } from '../../transport/transport.ts'
import { realAddresses } from '../../upstream/pan115/addresses.ts'
import { productionKeys } from '../../upstream/pan115/keys.ts'
import { pan115Driver } from './index.ts'

const ctx = makeCtx()
const outsideId = '2500000000000000099'

/** A mount of folder 7 whose 115 says `path` of it, and answers every question for a path with a folder outside. */
function mountedAt7(path: unknown) {
  const asked: string[] = []
  const transport: Transport = {
    async send(call) {
      const { pathname } = call.request.url
      asked.push(pathname)
      const listing = { state: true, cid: '7', count: 0, offset: 0, data: [], path }
      const answer = pathname === '/files' ? listing : { state: true, id: outsideId }
      return call.decode({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) })
    },
  }
  const values = parseOptions(pan115Driver.options, {
    cookie: 'UID=1_R2_2; CID=c; SEID=s; KID=k',
    root_folder_id: '7',
  })
  const driver = pan115Driver.create(values, {
    clock: new ManualClock(),
    log: silentLogger,
    saveOptions: async () => {},
    pan115: {
      addresses: realAddresses,
      keys: productionKeys,
      transport: () => transport,
      loginTransport: transport,
    },
  })
  return { driver, asked }
}

test.each([
  ['does not say the way to the root folder', undefined],
  ['says the way to another folder', [{ cid: 0, name: '根目录' }]],
  [
    'has a "/" in a name on the way',
    [
      { cid: 0, name: '根目录' },
      { cid: '7', name: 'a/b' },
    ],
  ],
])('findDirectory() asks for no path when 115 %s', async (_, path) => {
  const { driver, asked } = mountedAt7(path)
  await driver.root(ctx)
  expect(await driver.findDirectory?.(['films'], ctx)).toBeNull()
  expect(asked).toEqual(['/files'])
})

test('findDirectory() starts from the root folder, not from the root of the drive', async () => {
  const { driver, asked } = mountedAt7([
    { cid: 0, name: '根目录' },
    { cid: '7', name: 'media' },
  ])
  expect(await driver.findDirectory?.(['films'], ctx)).toMatchObject({ id: outsideId })
  expect(asked).toEqual(['/files', '/files/getid'])
})
