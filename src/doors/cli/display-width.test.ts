import { describe, expect, test } from 'vitest'
import { displayWidth, padEnd, wrap } from './display-width.ts'

describe('displayWidth()', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['网盘', 4],
    ['，「」', 6],
    ['█▀▄ ', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['한글', 4],
    ['カナ', 4],
    ['🎬', 2],
    ['𠮷', 2],
  ])('of "%s" is %i', (text, cells) => expect(displayWidth(text)).toBe(cells))
})

test('padEnd() fills up to cells and never cuts', () => {
  expect(padEnd('网', 4)).toBe('网  ')
  expect(padEnd('网盘', 3)).toBe('网盘')
})

describe('wrap()', () => {
  test('breaks at spaces and keeps line breaks that are there', () => {
    expect(wrap('one two three\nfour', 8)).toBe('one two\nthree\nfour')
  })

  test('breaks between Chinese characters but not before a closing mark', () => {
    expect(wrap('自托管的网关，很好', 12)).toBe('自托管的网\n关，很好')
  })

  test('leaves a word that is wider than a line whole', () => {
    expect(wrap('a wonderfully', 5)).toBe('a\nwonderfully')
  })

  test('keeps an indent', () => {
    expect(wrap('  a b', 10)).toBe('  a b')
  })
})
