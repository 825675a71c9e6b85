import { describe, expect, it } from 'vitest'
import { attachment } from './file-headers.ts'

describe('attachment()', () => {
  it.each([
    ['e01.mkv', `filename="e01.mkv"; filename*=UTF-8''e01.mkv`],
    ['电影 1.mkv', `filename="__ 1.mkv"; filename*=UTF-8''%E7%94%B5%E5%BD%B1%201.mkv`],
    ['a"b\\c%.txt', `filename="a_b_c_.txt"; filename*=UTF-8''a%22b%5Cc%25.txt`],
    ["it's (1)*!", `filename="it's (1)*!"; filename*=UTF-8''it%27s%20%281%29%2A%21`],
    ['x\r\nset-cookie: a=b', `filename="x__set-cookie: a=b"; filename*=UTF-8''x%0D%0Aset-cookie%3A%20a%3Db`],
  ])('keeps %j inside its quotes', (name, expected) => {
    expect(attachment(name)).toBe(`attachment; ${expected}`)
  })
})
