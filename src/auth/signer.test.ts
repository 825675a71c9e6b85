import { beforeEach, describe, expect, test } from 'vitest'
import { VPath } from '../core/path.ts'
import { Settings } from '../settings/settings.ts'
import { fakeSettingStore } from '../../test/support/fake-stores.ts'
import { Signer } from './signer.ts'

const token = 'alist-11111111-2222-3333-4444-555555555555DEMOTOKEN'
const film = VPath.parse('/115/movie.mkv')
const now = 1_893_456_000_000

describe('Signer', () => {
  let settings: Settings
  let signer: Signer

  beforeEach(async () => {
    settings = await Settings.load(fakeSettingStore({ token }))
    signer = new Signer(settings)
  })

  test.each([
    ['/115/e01.mkv', 'WJgSWP5V8kNb0FhmFoV3ZUeSGa16p-IJDEz1ibOcK64=:0'],
    ['/115/movie.mkv', 'tyQp_a4ysojd6ffzJXgBbaqhVXqPP9-PcJtdjN9LQ1A=:0'],
    ['/115/电影/A B#1.mkv', 'tHrr5esfyx_od6klibKRF0YwIh3dWpXoziafW7ZZUhU=:0'],
  ])('sign() of %s is what tools that hold the token compute', (path, sign) => {
    expect(signer.sign(VPath.parse(path), now)).toBe(sign)
    expect(signer.verify(VPath.parse(path), sign, now)).toBeNull()
  })

  test('a signature that expires is good until its second has passed', () => {
    const sign = 'f2v9x0aoQv5gXxKmKchxg3qLyfQNJFMuwAN8gt7JY5k=:1893456000'
    expect(signer.verify(film, sign, now)).toBeNull()
    expect(signer.verify(film, sign, now + 999)).toBeNull()
    expect(signer.verify(film, sign, now + 1000)).toBe('sign-expired')
  })

  test('sign() lets links live as long as the setting says', async () => {
    await settings.save({ link_expiration: '2' })
    const sign = signer.sign(film, now)
    expect(sign.endsWith(`:${now / 1000 + 7200}`)).toBe(true)
    expect(signer.verify(film, sign, now + 7_200_000)).toBeNull()
    expect(signer.verify(film, sign, now + 7_201_000)).toBe('sign-expired')
  })

  test.each([
    ['', 'expire-missing'],
    ['abc=:', 'expire-missing'],
    ['abc', 'expire-invalid'],
    ['abc=:1e9', 'expire-invalid'],
    ['abc=: 0', 'expire-invalid'],
    ['abc=:99999999999999999999', 'expire-invalid'],
    ['abc=:1', 'sign-expired'],
    ['abc=:-5', 'sign-expired'],
    ['abc=:0', 'sign-invalid'],
    [':0', 'sign-invalid'],
    ['tyQp_a4ysojd6ffzJXgBbaqhVXqPP9-PcJtdjN9LQ1A:0', 'sign-invalid'],
    ['tyQp_a4ysojd6ffzJXgBbaqhVXqPP9-PcJtdjN9LQ1A=:00', 'sign-invalid'],
    ['tyQp_a4ysojd6ffzJXgBbaqhVXqPP9-PcJtdjN9LQ1A=:1893456001', 'sign-invalid'],
    ['f2v9x0aoQv5gXxKmKchxg3qLyfQNJFMuwAN8gt7JY5k=:0', 'sign-invalid'],
  ])('verify() of "%s" is %s', (sign, problem) => {
    expect(signer.verify(film, sign, now)).toBe(problem)
  })

  test('a signature opens no other path', () => {
    const sign = signer.sign(film, now)
    for (const other of ['/115', '/115/movie.mkv/x', '/115/Movie.mkv', '/movie.mkv']) {
      expect(signer.verify(VPath.parse(other), sign, now)).toBe('sign-invalid')
    }
  })

  test('a new token ends every signature at once', async () => {
    const sign = signer.sign(film, now)
    await settings.resetToken()
    expect(signer.verify(film, sign, now)).toBe('sign-invalid')
    expect(signer.sign(film, now)).not.toBe(sign)
    expect(signer.verify(film, signer.sign(film, now), now)).toBeNull()
  })
})
