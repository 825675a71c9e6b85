import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { linkAbort, untilAborted } from './abortable.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('untilAborted()', () => {
  it('gives what the promise gives and lets go of the signal', async () => {
    const { signal } = new AbortController()
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1)
    await expect(untilAborted(Promise.reject(new Error('own')), signal)).rejects.toThrow('own')
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it("rejects with the signal's reason, and a late failure of the promise harms nobody", async () => {
    const abort = new AbortController()
    let fail = (_error: Error) => {}
    const waiting = untilAborted(new Promise((_resolve, reject) => (fail = reject)), abort.signal)
    abort.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
    // An unhandled rejection would fail the run.
    fail(new Error('late'))
    await settled()
    await expect(untilAborted(Promise.resolve(1), abort.signal)).rejects.toThrow('left')
  })
})

describe('linkAbort()', () => {
  it('aborts with its parent, also one that has aborted before', () => {
    const parent = new AbortController()
    const early = linkAbort(parent.signal)
    parent.abort(new Error('parent'))
    expect([early.signal.reason, linkAbort(parent.signal).signal.reason]).toEqual([
      new Error('parent'),
      new Error('parent'),
    ])
  })

  it('aborts alone and leaves the parent as it is', () => {
    const parent = new AbortController()
    const link = linkAbort(parent.signal)
    link.abort(new Error('own'))
    expect([link.signal.aborted, parent.signal.aborted]).toEqual([true, false])
  })

  it('unlink() leaves nothing on the parent and no longer follows it', () => {
    const parent = new AbortController()
    const link = linkAbort(parent.signal)
    link.unlink()
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0)
    parent.abort()
    expect(link.signal.aborted).toBe(false)
  })
})
