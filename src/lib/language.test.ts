import { expect, test } from 'vitest'
import { preferredLanguage } from './language.ts'

test.each([
  [undefined, 'zh'],
  ['', 'zh'],
  ['en', 'en'],
  ['en-GB,en;q=0.9', 'en'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['en;q=0.5, zh-TW;q=0.7', 'zh'],
  ['fr, en;q=0.1', 'en'],
  ['fr,de', 'zh'],
  ['en;q=0', 'zh'],
  ['en;q=2,zh;q=0.1', 'zh'],
  ['EN-us', 'en'],
  ['*', 'zh'],
] as const)('preferredLanguage() of %j is %s', (header, language) => {
  expect(preferredLanguage(header)).toBe(language)
})
