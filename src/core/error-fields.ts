import { publicText } from '../lib/public-text.ts'
import { StorageError, type UpstreamFacts } from './errors.ts'

/** A chain of causes longer than this tells nothing new, and one that bites its tail would never end. */
const maxCauses = 4

/**
 * What a log line says about an error: kind, message, place, the cloud's words, the messages of its causes, and the
 * stack where the fault is ours. Other properties of foreign errors (a socket's, a request's) may hold an address or
 * a cookie, so none of them is taken; texts lose what is secret in them.
 */
export function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: publicText(String(error)) }
  const known = error instanceof StorageError ? error : null
  const causes = causesOf(error)
  return {
    kind: known?.kind ?? error.name,
    message: publicText(error.message),
    ...known?.place,
    ...(known?.upstream && { upstream: publicFacts(known.upstream) }),
    ...(causes.length > 0 && { causes }),
    ...((!known || known.kind === 'Internal') && { stack: publicText(stackOf(error)) }),
  }
}

function publicFacts({ message, ...facts }: UpstreamFacts): UpstreamFacts {
  return message === undefined ? facts : { ...facts, message: publicText(message) }
}

function causesOf(error: Error): readonly string[] {
  const causes: string[] = []
  for (let { cause } = error; cause !== undefined && causes.length < maxCauses; ) {
    causes.push(publicText(cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause))
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return causes
}

/** Where the fault was made, which for one of ours that was wrapped is where its cause was thrown. */
function stackOf({ stack = '', cause }: Error): string {
  return (cause instanceof Error ? cause.stack : undefined) ?? stack
}
