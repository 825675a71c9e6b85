import { qrPng, qrTerminal } from '../../lib/qr-image.ts'
import type { Cli } from './console.ts'
import { displayWidth } from './display-width.ts'

/** Pixels along a side: large enough for a phone held before a screen. */
const imageSizePx = 480

/**
 * Draws the code on stderr and, when asked, writes it to an image and opens that. A code that cannot be shown
 * as an image is still in the terminal, so that is a warning and never a failure.
 */
export async function showCode(
  cli: Cli,
  text: string,
  how: { readonly sandbox: string | null; readonly openImage: boolean },
): Promise<void> {
  const { login } = cli.say
  const code = qrTerminal(text).replace(/\n$/, '')
  const width = Math.max(...code.split('\n').map(displayWidth))
  cli.note(login.scan)
  cli.note(code)
  if (width > cli.parts.columns) cli.hint(login.narrow)
  cli.note(login.text(text))
  if (how.sandbox !== null) cli.note(login.scanSandbox(`${how.sandbox}/__sandbox/`))
  if (how.openImage) await openImage(cli, text)
}

async function openImage(cli: Cli, text: string): Promise<void> {
  const { parts, say } = cli
  let path: string
  try {
    path = await parts.tempFile('.png')
    await parts.writeFile(path, qrPng(text, imageSizePx))
  } catch (error) {
    cli.note(say.login.notWritten(reasonOf(error)))
    return
  }
  cli.note(say.login.image(path))
  try {
    await parts.openFile(path)
  } catch (error) {
    cli.note(say.login.notOpened(reasonOf(error)))
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
