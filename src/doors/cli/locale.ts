export type Locale = 'zh' | 'en'

/**
 * The language POSIX's variables ask for: the first one of LC_ALL, LC_MESSAGES and LANG that is not empty
 * decides; everything that is not Chinese is English.
 */
export function localeOf(env: Readonly<Record<string, string | undefined>>): Locale {
  const name = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value) ?? ''
  return /^zh(?![a-z])/i.test(name) ? 'zh' : 'en'
}
