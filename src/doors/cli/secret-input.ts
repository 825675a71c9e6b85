import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Cli } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { CommandFailure } from './failure.ts'
import type { TerminalInput } from './parts.ts'

/** Bytes of standard input that are read as one secret, at most: a cookie export is far below. */
const maxSecretBytes = 64 * 1024

/** The terminal a person can be asked on, whose question they would see; null when there is none. */
export function terminalOf({ parts }: Cli): TerminalInput | null {
  return parts.isTty && parts.stdin?.isTTY === true ? parts.stdin : null
}

/** Everything on standard input without the line ends after it; empty when there is none. */
export async function readSecret({ parts }: Cli): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of parts.stdin ?? []) {
    const bytes = Buffer.from(chunk as string | Buffer)
    size += bytes.length
    if (size > maxSecretBytes) throw new RangeError(`standard input is longer than ${maxSecretBytes} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/[\r\n]+$/, '')
}

/** Asks on the terminal; what is typed is not shown. Throws CommandFailure when the person breaks off. */
export function askSecret({ parts, say }: Cli, input: TerminalInput, question: string): Promise<string> {
  parts.stderr.write(question)
  // readline repeats what is typed on its output; this one shows nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: true })
  return new Promise<string>((resolve, reject) => {
    lines.once('line', resolve)
    const breakOff = () =>
      reject(new CommandFailure(say.errors.interrupted, undefined, exitCodes.interrupted))
    lines.once('SIGINT', breakOff)
    lines.once('close', breakOff)
  }).finally(() => {
    lines.close()
    parts.stderr.write('\n')
  })
}

/** 120 random bits in letters and digits. */
export function generateSecret(): string {
  return randomBytes(15).toString('base64url')
}
