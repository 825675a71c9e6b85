import type { Writable } from 'node:stream'
import { type Messages, messagesOf } from './messages/messages.ts'
import type { CliParts } from './parts.ts'

/** What every command works with. */
export interface Cli {
  readonly parts: CliParts
  readonly say: Messages
  /** A line on stdout: what was asked for, which programs may read. */
  print(line: string): void
  /** A line on stderr: for people. */
  note(line: string): void
  /** A line on stderr that only matters while somebody watches. */
  hint(line: string): void
}

export function createCli(parts: CliParts): Cli {
  return {
    parts,
    say: messagesOf(parts.locale),
    print: (line) => void parts.stdout.write(`${line}\n`),
    note: (line) => void parts.stderr.write(`${line}\n`),
    hint: (line) => {
      if (parts.isTty) parts.stderr.write(`${line}\n`)
    },
  }
}

/** Resolves when everything written so far has left, so that a process may end without cutting a pipe short. */
export function flush(stream: Writable): Promise<void> {
  // A reader that has gone away (`| head`) is no failure of ours: whatever the callback says, we are done.
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve()
    else stream.write('', () => resolve())
  })
}
