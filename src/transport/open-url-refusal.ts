import { type ErrorKind, StorageError, type StorageErrorOptions } from '../core/errors.ts'
import { readAll } from '../lib/streams.ts'
import { parseUnsatisfiedRange } from './content-range.ts'
import { retryAfterMs } from './retry-after.ts'
import type { WireResponse } from './transport.ts'

// Longer refusals are pages for people, which would only fill the log.
const longestTextBytes = 1024

/**
 * Why an address was not opened, with the other side's own words when they are short. Reads or destroys the body.
 * An address that asks for a login is an expired or foreign link to us: nobody can log in to a download.
 */
export async function refusalOf(response: WireResponse, url: URL, nowMs: number): Promise<StorageError> {
  const { status, headers } = response
  const waitMs = retryAfterMs(headers, nowMs)
  const words = await ownWords(response, url)
  const options: StorageErrorOptions = {
    upstream: { status, ...(words === null ? {} : { message: words }) },
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
  }
  return new StorageError(
    kindOf(status),
    `Cannot open download from "${url.host}": ${describe(response)}`,
    options,
  )
}

function kindOf(status: number): ErrorKind {
  if (status === 401 || status === 403) return 'PermissionDenied'
  if (status === 404 || status === 410) return 'NotFound'
  if (status === 416) return 'RangeNotSatisfiable'
  if (status === 429) return 'RateLimited'
  return status >= 500 ? 'Unavailable' : 'Protocol'
}

function describe({ status, headers }: WireResponse): string {
  const totalBytes = status === 416 ? parseUnsatisfiedRange(headers['content-range']) : null
  return totalBytes === null ? `HTTP ${status}` : `HTTP ${status}, file has ${totalBytes} bytes`
}

/** A short plain text or JSON body without anything of the address's query; null when there is none. */
async function ownWords({ headers, body }: WireResponse, url: URL): Promise<string | null> {
  const type = String(headers['content-type'] ?? '')
  if (!/^(text\/plain|application\/json)/.test(type)) {
    body.destroy()
    return null
  }
  try {
    const text = (await readAll(body, longestTextBytes)).toString('utf8').trim()
    return text === '' ? null : withoutQuery(text, url)
  } catch {
    // The words were a courtesy; the status, which is the answer, is known.
    return null
  }
}

/** Some hosts repeat the address they refuse, and its query is as good as a key. */
function withoutQuery(text: string, url: URL): string {
  const values = [...url.searchParams.values()].filter((value) => value.length >= 4)
  return [url.search, ...values]
    .filter(Boolean)
    .reduce((clean, secret) => clean.replaceAll(secret, '…'), text)
}
