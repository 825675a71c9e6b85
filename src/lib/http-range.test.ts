import { assert, integer, nat, option, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseRange, contentRange, unsatisfiedRange } from './http-range.ts'

const part = (start: number, end: number) => ({ kind: 'part', span: { start, end } })
const whole = { kind: 'whole' }
const unsatisfiable = { kind: 'unsatisfiable' }

describe('chooseRange() of a body of 1000 bytes', () => {
  it.each([
    [undefined, whole],
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-499', part(0, 499)],
    ['bytes=500-', part(500, 999)],
    ['bytes=-200', part(800, 999)],
    ['bytes=-5000', part(0, 999)],
    ['bytes=900-5000', part(900, 999)],
    ['bytes=0-', part(0, 999)],
    ['Bytes = 1-2', part(1, 2)],
    ['bytes=999-999', part(999, 999)],
    ['bytes=1000-', unsatisfiable],
    ['bytes=1000-2000', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    ['bytes=1000-,-0', unsatisfiable],
    ['bytes=99999999999999999999999-', unsatisfiable],
    ['bytes=5-2', whole],
    ['bytes=-', whole],
    ['bytes=', whole],
    ['bytes=a-b', whole],
    ['bytes=0-1;2', whole],
    ['bytes=0-1,x', whole],
    ['bytes 0-1', whole],
    ['items=0-1', whole],
    ['bytes=0-99,100-199', part(0, 199)],
    ['bytes=100-199, ,50-120', part(50, 199)],
    ['bytes=0-9,2000-', part(0, 9)],
    ['bytes=0-9,20-29', whole],
    ['bytes=0-0,-1', whole],
  ])('answers %s', (header, expected) => {
    expect(chooseRange(header, 1000)).toEqual(expected)
  })

  it('ignores every range of an empty body', () => {
    for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-5']) expect(chooseRange(header, 0)).toEqual(whole)
  })

  it('never leaves the body', () => {
    const bound = option(nat(3000), { nil: '' })
    assert(
      property(integer({ min: 1, max: 2000 }), bound, bound, (size, first, last) => {
        const choice = chooseRange(`bytes=${first}-${last}`, size)
        if (choice.kind !== 'part') return
        const { start, end } = choice.span
        expect(start).toBeGreaterThanOrEqual(0)
        expect(start).toBeLessThanOrEqual(end)
        expect(end).toBeLessThan(size)
      }),
    )
  })
})

describe('the Content-Range header', () => {
  it('names part and size', () => {
    expect(contentRange({ start: 0, end: 9 }, 100)).toBe('bytes 0-9/100')
    expect(unsatisfiedRange(100)).toBe('bytes */100')
  })
})
