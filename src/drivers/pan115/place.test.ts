import { expect, test } from 'vitest'
import { assertListed } from './place.ts'

const path = (...ids: string[]) => ids.map((id) => ({ id, name: `n${id}` }))
const action = 'list "films"'

test.each([
  ['the drive itself', '0', path('0'), { cid: '0', rootId: '0' }],
  ['a directory of the drive', '7', path('0', '7'), { cid: '7', rootId: '0' }],
  ['the root folder', '5', path('0', '5'), { cid: '5', rootId: '5' }],
  ['a directory below the root folder', '7', path('0', '5', '6', '7'), { cid: '7', rootId: '5' }],
  ['a directory whose path is not said', '7', [], { cid: '7', rootId: '5' }],
])('assertListed() lets %s pass', (_, cid, ancestors, asked) => {
  expect(() => assertListed({ cid, ancestors }, { ...asked, action })).not.toThrow()
})

test.each([
  ['the drive in place of a directory', '0', path('0'), { cid: '7', rootId: '0' }, null],
  ['the drive in place of the root folder', '0', path('0'), { cid: '5', rootId: '5' }, 'check-folder-id'],
  ['a directory that left the root folder', '7', path('0', '9', '7'), { cid: '7', rootId: '5' }, null],
])('assertListed() refuses %s', (_, cid, ancestors, asked, advice) => {
  expect(() => assertListed({ cid, ancestors }, { ...asked, action })).toThrow(
    expect.objectContaining({ kind: 'NotFound', advice }),
  )
})
