import { expect, test } from 'vitest'
import { parseBasic } from './http-basic.ts'

const encode = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('parseBasic() takes names in UTF-8 and passwords with colons', () => {
  expect(parseBasic(encode('小明:a:b'))).toEqual({ name: '小明', password: 'a:b' })
  expect(parseBasic(encode('x:').replace('Basic', '  bASIC '))).toEqual({ name: 'x', password: '' })
})

test('parseBasic() gives null for everything else', () => {
  for (const text of [undefined, '', 'Basic', 'Basic QQ==', 'Bearer abc', 'Basic a b', 'Basic ###']) {
    expect(parseBasic(text)).toBeNull()
  }
})
