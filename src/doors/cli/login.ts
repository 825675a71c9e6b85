import type { Command } from 'commander'
import { type Ctx, makeCtx } from '../../core/ctx.ts'
import { type ErrorKind, isStorageError } from '../../core/errors.ts'
import type { QrApp, QrLogin, QrState, QrTicket } from '../../core/qr-login.ts'
import type { Cli } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { CommandFailure } from './failure.ts'
import { showCode } from './login-code.ts'
import { parseSandbox, setting } from './setting.ts'
import { helpNote } from './program.ts'
import type { Run } from './run.ts'
import { table } from './table.ts'
import { UsageError } from './usage-error.ts'

interface LoginFlags {
  readonly openQrcode?: boolean
  readonly list?: boolean
  readonly sandbox?: string
}

/** 115's own number of each state: what scripts that wrapped other login tools look for. */
const stateNumbers: Readonly<Record<QrState, number>> = {
  waiting: 0,
  scanned: 1,
  confirmed: 2,
  expired: -1,
  cancelled: -2,
}

/** 115 was reached and said no. */
const refusals: ReadonlySet<ErrorKind> = new Set(['AuthExpired', 'VerificationRequired', 'PermissionDenied'])

/** A poll that is answered faster than this although nothing changed was not held; the next one waits. */
const leastPollMs = 1000

/** `panport login [app]`: a cookie by scanning a code. */
export function addLogin(program: Command, cli: Cli, run: Run): void {
  const { login, help } = cli.say
  program
    .command('login')
    .description(login.description)
    .argument('[app]', login.app, 'web')
    .option('-o, --open-qrcode', login.open)
    .option('-l, --list', login.list)
    .addOption(setting(cli, { flags: '--sandbox <address>', help: login.sandbox, env: 'PANPORT_SANDBOX' }))
    .version(cli.parts.version, '-v, --version', help.showVersion)
    .addHelpText('after', () => helpNote(cli, login.exitCodes))
    .action((app: string, flags: LoginFlags) => run(runLogin(cli, app, flags)))
}

async function runLogin(cli: Cli, appName: string, flags: LoginFlags): Promise<number> {
  const sandbox = parseSandbox(cli, flags.sandbox)
  const login = await cli.parts.qrLogin({ sandbox })
  if (flags.list) return listApps(cli, login.apps)
  const app = login.apps.find(({ name }) => name === appName)
  if (!app) {
    throw new UsageError(cli.say.usage.app(appName, login.apps.map(({ name }) => name).join(', ')))
  }
  warn(cli, app)
  const abort = new AbortController()
  const unlisten = cli.parts.onSignal(() => abort.abort())
  try {
    const ctx = makeCtx({ signal: abort.signal })
    const shown = { sandbox, openImage: flags.openQrcode === true }
    return await signIn(cli, login, app, shown, ctx)
  } catch (error) {
    throw abortedBy(cli, error, abort.signal)
  } finally {
    unlisten()
  }
}

function listApps(cli: Cli, apps: readonly QrApp[]): number {
  const { columns, standings } = cli.say.login
  const rows = apps.map((app) => [app.name, app.slot, app.label[cli.parts.locale], standings[app.standing]])
  const lines = table([columns.name, columns.slot, columns.label, columns.standing], rows)
  for (const line of lines) cli.print(line)
  return exitCodes.ok
}

function warn(cli: Cli, app: QrApp): void {
  const { login } = cli.say
  cli.note(login.signingIn(app.label[cli.parts.locale], app.slot))
  if (app.standing === 'withdrawn') cli.note(login.withdrawn(app.name))
  if (app.standing === 'discouraged') cli.note(login.discouraged(app.name))
}

async function signIn(
  cli: Cli,
  login: QrLogin,
  app: QrApp,
  shown: { readonly sandbox: string | null; readonly openImage: boolean },
  ctx: Ctx,
): Promise<number> {
  const ticket = await login.start(app.name, ctx)
  await showCode(cli, ticket.text, shown)
  const state = await follow(cli, login, ticket, ctx)
  if (state === 'expired') return exitCodes.expired
  if (state === 'cancelled') return exitCodes.cancelled
  const credential = await login.exchange(ticket.uid, app.name, ctx)
  // Only now is it true: a confirmed code may still be refused for this client.
  noteState(cli, 'confirmed', cli.say.login.signedInAs(credential.userName, credential.userId))
  cli.print(credential.cookie.reveal())
  return exitCodes.ok
}

/** Asks until the login is decided, and says each new state once. */
async function follow(
  cli: Cli,
  login: QrLogin,
  ticket: QrTicket,
  ctx: Ctx,
): Promise<'confirmed' | 'expired' | 'cancelled'> {
  const { clock } = cli.parts
  // A new code waits; 115 would hold the first question for half a minute before it says so.
  let last: QrState = 'waiting'
  noteState(cli, last, cli.say.login.states[last])
  for (;;) {
    const askedAt = clock.now()
    const state = await login.poll(ticket, ctx)
    if (state === 'confirmed') return state
    if (state !== last) noteState(cli, state, cli.say.login.states[state])
    if (state === 'expired' || state === 'cancelled') return state
    if (state === last) await clock.sleep(leastPollMs - (clock.now() - askedAt), ctx.signal)
    last = state
  }
}

function noteState(cli: Cli, state: QrState, text: string): void {
  cli.note(`[${stateNumbers[state]}] ${text}`)
}

/** What ended the login, said as an aborted one, with the exit code that tells a script why. */
function abortedBy(cli: Cli, error: unknown, signal: AbortSignal): CommandFailure {
  const { login, errors } = cli.say
  cli.note(`[-] ${login.aborted}`)
  if (signal.aborted) return new CommandFailure(errors.interrupted, undefined, exitCodes.interrupted)
  const isRefused = isStorageError(error) && refusals.has(error.kind)
  return new CommandFailure(login.action, error, isRefused ? exitCodes.refused : exitCodes.failure)
}
