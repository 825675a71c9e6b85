import type { Locale } from '../locale.ts'
import { en, type Messages } from './en.ts'
import { zh } from './zh.ts'

export type { Messages }

/** The texts of one language. A text that is missing in a language does not compile. */
export function messagesOf(locale: Locale): Messages {
  return locale === 'zh' ? zh : en
}
