import { afterEach, describe, expect, it, vi } from 'vitest'
import { canRun, requireClient } from './clients.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('requireClient()', () => {
  it('says yes, silently, when the probe does', () => {
    const warn = vi.spyOn(console, 'warn')
    expect(requireClient('rclone', () => true)).toBe(true)
    expect(warn).not.toHaveBeenCalled()
  })

  it('prints why a client is missing', () => {
    vi.stubEnv('PANPORT_REQUIRE_CLIENTS', '')
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const fail = () => {
      throw new Error('go mod download says: no such host')
    }
    expect(requireClient('rclone', () => false)).toBe(false)
    expect(requireClient('go', fail)).toBe(false)
    expect(warn.mock.calls.flat()).toEqual([
      'Cannot use client "rclone": it is not there or does not start, its tests are skipped',
      'Cannot use client "go": go mod download says: no such host, its tests are skipped',
    ])
  })

  it('throws for a missing client where all are required', () => {
    vi.stubEnv('PANPORT_REQUIRE_CLIENTS', '1')
    expect(() => requireClient('rclone', () => false)).toThrow(/"rclone"/)
    expect(requireClient('node', () => canRun('node'))).toBe(true)
  })
})

describe('canRun()', () => {
  it('tells programs that end well from those that fail or are missing', () => {
    expect(canRun(process.execPath)).toBe(true)
    expect(canRun(process.execPath, ['-e', 'process.exit(3)'])).toBe(false)
    expect(canRun('no-such-program-here')).toBe(false)
  })
})
