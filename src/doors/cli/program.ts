import { Command, type Help } from 'commander'
import type { Cli } from './console.ts'
import { displayWidth, wrap } from './display-width.ts'

/**
 * A command that speaks the person's language, writes only to the given streams and throws CommanderError
 * instead of ending the process. Subcommands get all of it when they are made by `program.command()`.
 */
export function createProgram(cli: Cli): Command {
  const { parts, say } = cli
  return new Command('panport')
    .description(say.help.program)
    .version(parts.version, '-v, --version', say.help.showVersion)
    .helpOption('-h, --help', say.help.showHelp)
    .helpCommand('help [command]', say.help.helpCommand)
    .addHelpText('after', () => helpNote(cli, say.help.exitCodes))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void parts.stdout.write(text),
      writeErr: (text) => void parts.stderr.write(text),
      // Errors are said once, by whoever catches them.
      outputError: () => {},
      getOutHelpWidth: () => parts.columns,
      getErrHelpWidth: () => parts.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp(helpIn(cli))
}

/** A paragraph below a command's help. */
export function helpNote({ parts }: Cli, text: string): string {
  return `\n${wrap(text, parts.columns)}`
}

/** commander writes its titles and marks in English and counts characters, not cells. */
function helpIn({ say: { help } }: Cli): Partial<Help> {
  return {
    minWidthToWrap: 20,
    displayWidth,
    boxWrap: wrap,
    styleTitle: (title) => help.titles[title] ?? title,
    styleOptionText: (text) => (text === '[options]' ? help.options : text),
    styleArgumentText: (text) => (text === '[command]' ? help.command : text),
    styleSubcommandText: (text) => (text === '[command]' ? help.command : text),
    optionDescription: ({ description, defaultValueDescription: value }) =>
      value === undefined ? description : description + help.defaultValue(value),
    argumentDescription: ({ description, defaultValue: value }) =>
      typeof value === 'string' ? description + help.defaultValue(value) : description,
  }
}
