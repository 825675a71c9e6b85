import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { VPath } from '../core/path.ts'
import type { Right } from '../vfs/subject.ts'
import { grants } from './permission.ts'
import { signedSubject, subjectOf } from './subjects.ts'
import type { User } from './user.ts'

const everyRight: readonly Right[] = [
  'read',
  'refresh',
  'write',
  'rename',
  'move',
  'copy',
  'remove',
  'offline',
  'davRead',
  'davWrite',
]

const alice: User = {
  id: 3,
  name: 'alice',
  role: 'general',
  basePath: VPath.parse('/team/a'),
  permission: 0,
  disabled: false,
  passwordChangedAt: new Date(0),
  allowsLdap: true,
  ssoId: '',
}
const inside = VPath.parse('/team/a/x.mkv')

const segment = fc.stringMatching(/^[a-z一-龥.]{1,4}$/).filter((text) => text !== '.' && text !== '..')
const path = fc.array(segment, { maxLength: 5 }).map((segments) => VPath.of(segments))

describe('grants()', () => {
  test.each([
    [0x4, ['offline']],
    [0x8, ['refresh', 'write']],
    [0x10, ['rename']],
    [0x20, ['move']],
    [0x40, ['copy']],
    [0x80, ['remove']],
    [0x100, ['davRead']],
    [0x200, ['davWrite']],
    [0, []],
  ])('of bit %i: %j, and reading', (permission, rights) => {
    const granted = everyRight.filter((right) => grants(permission, right))
    expect(granted).toEqual(['read', ...rights])
  })
})

describe('subjectOf()', () => {
  test('allows what the permission grants, inside the base path only', () => {
    const subject = subjectOf({ ...alice, permission: 0x8 })
    expect(subject.basePath).toBe(alice.basePath)
    expect(subject.can('write', inside)).toBe(true)
    expect(subject.can('remove', inside)).toBe(false)
    expect(subject.can('write', VPath.parse('/team'))).toBe(false)
    expect(subject.can('read', VPath.parse('/team/ab/x.mkv'))).toBe(false)
  })

  test('decides on segment borders: nothing outside the base path, whatever it begins with', () => {
    fc.assert(
      fc.property(path, path, segment, (base, below, other) => {
        const subject = subjectOf({ ...alice, basePath: base, permission: 0xffff })
        expect(subject.can('read', base.join(below))).toBe(true)
        if (base.isRoot) return
        const sibling = base.parent.child(`${base.name}${other}`).join(below)
        expect(subject.can('read', sibling)).toBe(false)
        expect(subject.can('read', base.parent)).toBe(false)
      }),
    )
  })

  test('an admin may do everything everywhere', () => {
    const subject = subjectOf({ ...alice, role: 'admin' })
    expect(subject.isAdmin).toBe(true)
    expect(everyRight.filter((right) => !subject.can(right, VPath.parse('/elsewhere')))).toEqual([])
  })

  test('a disabled user may do nothing, an admin neither', () => {
    for (const role of ['general', 'admin', 'guest'] as const) {
      const subject = subjectOf({ ...alice, role, permission: 0xffff, disabled: true })
      expect(everyRight.filter((right) => subject.can(right, inside))).toEqual([])
    }
  })

  test('a guest is no admin', () => {
    expect(subjectOf({ ...alice, role: 'guest' }).isAdmin).toBe(false)
  })
})

describe('signedSubject()', () => {
  const subject = signedSubject(inside)

  test('may read exactly that path', () => {
    expect(subject.can('read', inside)).toBe(true)
    for (const other of ['/', '/team', '/team/a', '/team/a/x.mkv/y', '/team/a/x.mkv2', '/team/a/X.mkv']) {
      expect(subject.can('read', VPath.parse(other)), other).toBe(false)
    }
  })

  test('may do nothing else there and is nobody', () => {
    expect(everyRight.filter((right) => subject.can(right, inside))).toEqual(['read'])
    expect(subject.isAdmin).toBe(false)
    expect(subject.basePath.isRoot).toBe(true)
  })
})
