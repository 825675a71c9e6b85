/** A request target, taken apart but not decoded. */
export interface RequestTarget {
  /** With a leading `/`, percent-encoded as it came. */
  readonly path: string
  readonly query: URLSearchParams
}

/** Splits what stands in the request line, also the absolute form that proxies may send (RFC 9112, 3.2.2). */
export function parseTarget(url: string): RequestTarget {
  const target = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return {
    path: path.startsWith('/') ? path : `/${path}`,
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
  }
}

/**
 * What follows `mount` in `path`, `''` or with a leading `/`; null when `path` is not at or below it. Decided
 * on segment borders: `/dav` does not hold `/davx`.
 */
export function below(mount: string, path: string): string | null {
  if (path === mount) return ''
  return path.startsWith(`${mount}/`) ? path.slice(mount.length) : null
}

/**
 * The decoded segments of a percent-encoded path; null when an escape is malformed or not UTF-8. Each segment
 * is decoded on its own, so an encoded separator stays inside its segment instead of making a new one.
 */
export function decodeSegments(path: string): string[] | null {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map((segment) => decodeURIComponent(segment))
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}
