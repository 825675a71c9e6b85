import { describe, expect, it } from 'vitest'
import type { DownloadMode } from '../../vfs/storage-record.ts'
import { type DownloadSettings, modeOf, needsSign } from './policy.ts'

const settings = (signAll = true): DownloadSettings => ({
  get: (key: string) =>
    (key === 'sign_all' ? signAll : key === 'proxy_types' ? 'm3u8, URL' : 'txt,srt') as never,
})

const storage = (webMode: DownloadMode, davMode: DownloadMode, mustProxy = false, requiresSign = false) => ({
  mustProxy,
  record: { webMode, davMode, requiresSign },
})

describe('modeOf()', () => {
  it.each([
    ['d', 'a.mkv', storage('redirect', 'redirect'), 'redirect'],
    ['d', 'a.mkv', storage('proxy', 'redirect'), 'proxy'],
    ['d', 'a.mkv', storage('proxyUrl', 'redirect'), 'proxyUrl'],
    ['d', 'a.mkv', storage('redirect', 'proxyUrl'), 'redirect'],
    ['d', 'a.M3U8', storage('redirect', 'redirect'), 'proxy'],
    ['d', 'a.url', storage('redirect', 'redirect'), 'proxy'],
    ['d', 'a.mkv', storage('redirect', 'redirect', true), 'proxy'],
    ['d', 'url', storage('redirect', 'redirect'), 'redirect'],
    ['p', 'a.mkv', storage('redirect', 'redirect'), null],
    ['p', 'a.mkv', storage('redirect', 'proxy'), null],
    ['p', 'a.mkv', storage('proxy', 'redirect'), 'proxy'],
    ['p', 'a.mkv', storage('proxyUrl', 'redirect'), 'proxyUrl'],
    ['p', 'a.mkv', storage('redirect', 'proxyUrl'), 'proxyUrl'],
    ['p', 'a.mkv', storage('proxy', 'proxyUrl'), 'proxy'],
    ['p', 'a.srt', storage('redirect', 'redirect'), 'proxy'],
    ['p', 'a.m3u8', storage('redirect', 'redirect'), 'proxy'],
    ['p', 'a.mkv', storage('redirect', 'redirect', true), 'proxy'],
  ] as const)('/%s of %s at %j: %s', (route, name, at, mode) => {
    expect(modeOf(route, name, at, settings())).toBe(mode)
  })
})

describe('needsSign()', () => {
  it('holds for the whole site or for a storage', () => {
    const open = storage('redirect', 'redirect')
    const closed = storage('redirect', 'redirect', false, true)
    expect(needsSign(settings(true), null)).toBe(true)
    expect(needsSign(settings(true), open)).toBe(true)
    expect(needsSign(settings(false), open)).toBe(false)
    expect(needsSign(settings(false), closed)).toBe(true)
    expect(needsSign(settings(false), null)).toBe(false)
  })
})
