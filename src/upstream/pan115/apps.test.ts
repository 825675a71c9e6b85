import { expect, test } from 'vitest'
import { appOfSlot, findApp, pan115Apps } from './apps.ts'

test('pan115Apps holds every name once and one slot per client that can still log in', () => {
  const living = pan115Apps.filter((app) => app.standing !== 'withdrawn')
  expect(new Set(pan115Apps.map((app) => app.name)).size).toBe(pan115Apps.length)
  expect(new Set(living.map((app) => app.slot)).size).toBe(living.length)
})

test.each([
  ['web', 'discouraged'],
  ['android', 'discouraged'],
  ['ios', 'discouraged'],
  ['linux', 'withdrawn'],
  ['windows', 'withdrawn'],
  ['mac', 'withdrawn'],
  ['alipaymini', 'advised'],
])('findApp() knows how %s stands', (name, standing) => {
  expect(findApp(name)?.standing).toBe(standing)
})

test('appOfSlot() prefers the living client of a slot', () => {
  expect(appOfSlot('P3')?.name).toBe('os_linux')
  expect(appOfSlot('Z9')).toBeNull()
  expect(findApp('desktop')).toBeNull()
})
