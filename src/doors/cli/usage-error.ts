import type { CommanderError } from 'commander'
import type { Messages } from './messages/messages.ts'

/** The command was not understood: nothing was done. The message is a whole sentence for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * What commander refused, in the person's language. commander gives a closed set of codes and the values only
 * inside its English sentence, between single quotes; what has no code here keeps commander's words.
 */
export function translateUsage(error: CommanderError, say: Messages): string {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const value = /'([^']*)'/.exec(first)?.[1] ?? ''
  const meant = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(rest.join(' '))?.[1]
  const reason = reasonOf(error.code, value, first, say)
  return meant === undefined ? reason : say.errors.sentence(reason, say.usage.didYouMean(meant))
}

function reasonOf(code: string, value: string, words: string, { usage }: Messages): string {
  switch (code) {
    case 'commander.unknownCommand':
      return usage.unknownCommand(value)
    case 'commander.unknownOption':
      return usage.unknownOption(value)
    case 'commander.missingArgument':
      return usage.missingArgument(value)
    case 'commander.optionMissingArgument':
      return usage.missingValue(value)
    case 'commander.missingMandatoryOptionValue':
      return usage.missingOption(value)
    case 'commander.excessArguments':
      return usage.tooManyArguments
    default:
      return words
  }
}
