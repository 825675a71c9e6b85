import type { VPath } from '../../core/path.ts'

/**
 * A name in an href, encoded as `encodeURI` does it: proxies that rewrite names inside a multistatus look for
 * that spelling, so marks such as `+`, `&` and `(` stay as they are. `#` and `?` would end the path and do not.
 */
export function encodeName(name: string): string {
  // A lone surrogate has no UTF-8; the replacement character is what any encoder would send.
  return encodeURI(name.replaceAll(/\p{Surrogate}/gu, '\ufffd')).replaceAll(/[#?]/g, encodeURIComponent)
}

/** The href of the directory at `path`, below `hrefRoot`; ends with `/`, so a name can follow. */
export function directoryHref(hrefRoot: string, path: VPath): string {
  return `${hrefRoot}/${path.segments.map((segment) => `${encodeName(segment)}/`).join('')}`
}
