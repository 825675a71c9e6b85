import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  decryptBody,
  encryptBody,
  generateEc115Key,
  openToken,
} from '../../sandbox/clouds/pan115/crypto/ec115.ts'
import { decodeRequest, encodeResponse, generateM115Key } from '../../sandbox/clouds/pan115/crypto/m115.ts'
import { buildProgram, canBuild, type GoProgram } from './go-program.ts'

interface Ciphered {
  readonly m115: string
  readonly token: string
  readonly bodyHex: string
}

const FOLDER = join(import.meta.dirname, '115driver')

// Lengths around every block border, and enough keys of each side that rare shapes (leading zero bytes of an RSA
// block or of an agreed secret) come up.
const TEXTS = [
  '{"pickcode":"abcdefghij0123456"}',
  '{"file_name":"电影 👊.mkv"}',
  ...Array.from({ length: 600 }, (_, i) => 'x'.repeat(1 + (i % 300))),
]

describe.skipIf(!canBuild(FOLDER))('115driver', () => {
  let program: GoProgram

  beforeAll(async () => {
    program = await buildProgram(FOLDER)
  }, 300_000)

  afterAll(() => program.remove())

  it("and the sandbox read each other's m115 and ec115", { timeout: 120_000 }, async () => {
    const m115Key = await generateM115Key()
    const ec115Key = generateEc115Key()
    const client = spawn(program.path, ['ciphers'])
    const errors = text(client.stderr)
    const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]()

    const pointHex = ec115Key.publicX + ec115Key.publicY
    client.stdin.write(`${JSON.stringify({ modulusHex: m115Key.modulusHex, pointHex, texts: TEXTS })}\n`)
    const requests: Ciphered[] = JSON.parse((await lines.next()).value ?? '[]')
    const opened = requests.map(({ m115, token, bodyHex }) => {
      const session = openToken(ec115Key, token)
      const body = Buffer.from(bodyHex, 'hex')
      return {
        ...decodeRequest(m115Key, m115),
        session,
        // The module drops leading zero bytes of the agreed secret (seen in aead/ecdh v0.2.0, 2026-11), so one in
        // 256 of its uploads uses a key that nobody else derives.
        form: session.aesKey[0] === 0 ? null : decryptBody(session, body),
      }
    })
    const replies = opened.map(({ session, clientKey, plain, form }) => ({
      m115: encodeResponse(m115Key, clientKey, `reply to ${plain}`),
      bodyHex: form === null ? '' : encryptBody(session, `reply to ${form}`).toString('hex'),
    }))
    client.stdin.end(`${JSON.stringify(replies)}\n`)
    const read: { m115: string; ec115: string }[] = JSON.parse((await lines.next()).value ?? '[]')
    if (client.exitCode === null) await once(client, 'exit')

    expect(await errors).toBe('')
    expect(opened.map(({ plain }) => plain)).toEqual(TEXTS)
    expect(opened.map(({ form }, i) => form ?? TEXTS[i])).toEqual(TEXTS)
    expect(opened.filter(({ form }) => form !== null).length).toBeGreaterThan(TEXTS.length - 20)
    expect(read.map(({ m115 }) => m115)).toEqual(TEXTS.map((each) => `reply to ${each}`))
    expect(read.map(({ ec115 }) => ec115)).toEqual(
      opened.map(({ form }) => (form === null ? '' : `reply to ${form}`)),
    )
  })
})
