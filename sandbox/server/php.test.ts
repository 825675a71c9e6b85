import { describe, expect, it } from 'vitest'
import { bareNumber, printLargePhpJson, printPhpJson } from './php-json.ts'
import { PhpParams } from './php-params.ts'

function paramsOf(...encoded: string[]): PhpParams {
  const params = new PhpParams()
  for (const each of encoded) params.add(each)
  return params
}

describe('printPhpJson()', () => {
  it('escapes slashes and everything that is not ASCII', () => {
    expect(printPhpJson({ n: '电/影 😀"\\' })).toBe('{"n":"\\u7535\\/\\u5f71 \\ud83d\\ude00\\"\\\\"}')
  })

  it('prints bare numbers without quotes', () => {
    expect(printPhpJson([bareNumber('2500000000000000001'), bareNumber('1.0')])).toBe(
      '[2500000000000000001,1.0]',
    )
  })
})

describe('printLargePhpJson()', () => {
  it.each([0, 1, 299, 300, 301, 900])('prints %i rows as printPhpJson does', async (rows) => {
    const value = { state: true, data: Array.from({ length: rows }, (_, i) => ({ n: `第${i}` })), path: [] }
    expect(await printLargePhpJson(value)).toBe(printPhpJson(value))
  })
})

describe('PhpParams', () => {
  it('list() reads the array spellings and repeated names', () => {
    for (const encoded of [
      'fid[0]=1&fid[1]=2',
      'fid[]=1&fid[]=2',
      'fid=1,2',
      'fid=1&fid=2',
      'fid%5B0%5D=1&fid%5B1%5D=2',
    ]) {
      expect(paramsOf(encoded).list('fid')).toEqual(['1', '2'])
    }
  })

  it('get() has the last value, the body after the query', () => {
    expect(paramsOf('a=1&a=2', 'a=3').get('a')).toBe('3')
    expect(paramsOf('a=1').get('b')).toBeNull()
  })

  it('integer() takes digits only', () => {
    const params = paramsOf('a=12&b=x&c=&d=1e3&e=-5')
    expect(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => params.integer(name, 7))).toEqual([
      12, 7, 7, 7, -5, 7,
    ])
  })

  it('names() has each name once, without brackets', () => {
    expect(paramsOf('fid[0]=1&fid[1]=2&pid=3').names()).toEqual(['fid', 'pid'])
  })
})
