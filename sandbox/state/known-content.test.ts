import process from 'node:process'
import { describe, expect, it } from 'vitest'
import { hashContent } from './content.ts'
import { findKnownSha1, KNOWN_CONTENT } from './known-content.ts'

const SMALL_BYTES = 256 * 1024 * 1024
const isSlowRun = process.env['PANPORT_SLOW_TESTS'] === '1'

describe('KNOWN_CONTENT', () => {
  it('names each content once', () => {
    const names = KNOWN_CONTENT.map(({ seed, size }) => `${seed} ${size}`)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(KNOWN_CONTENT.filter(({ size }) => size <= SMALL_BYTES))(
    'tells the true hash of $size bytes of "$seed"',
    async ({ seed, size, sha1 }) => {
      expect(await hashContent(seed, size)).toBe(sha1)
    },
  )

  it.skipIf(!isSlowRun).each(KNOWN_CONTENT.filter(({ size }) => size > SMALL_BYTES))(
    'tells the true hash of $size bytes of "$seed" (slow)',
    async ({ seed, size, sha1 }) => {
      expect(await hashContent(seed, size)).toBe(sha1)
    },
    600_000,
  )
})

describe('findKnownSha1()', () => {
  it('knows a 20 GiB file, and nothing of another size', () => {
    expect(findKnownSha1('large', 20 * 1024 ** 3)).toMatch(/^[0-9A-F]{40}$/)
    expect(findKnownSha1('large', 20 * 1024 ** 3 - 1)).toBeNull()
  })
})
