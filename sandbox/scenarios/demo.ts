import { Buffer } from 'node:buffer'
import type { Pan115 } from '../clouds/pan115/cloud.ts'
import { logIn } from '../clouds/pan115/session.ts'
import { plant, type Seedling } from '../state/plant.ts'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE
const GIBIBYTE = 1024 * MEBIBYTE
const DEVICES = ['web', 'alipaymini', 'tv']
// The past, and always the same: a cookie of the demo is good for the next demo too.
const LOGIN_TIME_MS = Date.UTC(2026, 0, 1)
const MAX_NAME_BYTES = 255

/** One account, 小明, whose drive has something of everything: long films, odd names, deep and crowded folders. */
export async function plantDemo(pan115: Pan115): Promise<void> {
  const { world } = pan115
  const account = world.accounts.create({ name: '小明' })
  for (const device of DEVICES) logIn(pan115, account, device, LOGIN_TIME_MS)
  await plant(world, account, account.tree.root, demoTree())
}

function demoTree(): Seedling[] {
  const dated = (name: string, children: Seedling[]): Seedling => ({
    name,
    modifiedAt: '2025-11-20T12:00:00Z',
    children,
  })
  return [
    dated('电影', films()),
    dated('剧集', [dated('长夜 (2024)', [season(1), season(2)])]),
    dated('音乐', [
      dated('钢琴曲', [
        { name: '夜曲 {n}.flac', count: 12, size: 3 * MEBIBYTE, modifiedAt: '2024-05-06T07:08:09Z' },
      ]),
    ]),
    dated('照片', [
      {
        name: 'IMG_{n}.jpg',
        count: 3000,
        size: 24 * KIBIBYTE,
        seed: 'demo photo',
        modifiedAt: '2025-08-09T10:11:12Z',
      },
    ]),
    dated('文档', documents()),
    dated('备份', [
      dated('2025', [dated('手机', [dated('微信', [dated('聊天记录', [dated('图片', [leaf()])])])])]),
    ]),
  ]
}

// Contents called `large` and `film-…` are in the table of known hashes: nobody waits for gigabytes to be hashed.
function films(): Seedling[] {
  const at = '2025-10-01T20:00:00Z'
  return [
    { name: '星河尽头 (2025) 2160p.mkv', size: 20 * GIBIBYTE, seed: 'large', modifiedAt: at },
    { name: '沙海 (2024) 2160p.mkv', size: 8_589_946_937, seed: 'film-4', modifiedAt: at },
    { name: '归途 (2022) 1080p.mkv', size: 1_503_238_554, seed: 'film-1', modifiedAt: at },
    { name: '夏日来信 (2023) 1080p.mp4', size: 256 * MEBIBYTE, seed: 'large', modifiedAt: at },
    { name: '夏日来信 (2023) 1080p.zh.srt', size: 48 * KIBIBYTE, modifiedAt: at },
    { name: '短片.mp4', size: MEBIBYTE, modifiedAt: at },
  ]
}

function season(number: number): Seedling {
  const name = `S${String(number).padStart(2, '0')}E{n}.mkv`
  return {
    name: `第 ${number} 季`,
    modifiedAt: '2025-06-01T00:00:00Z',
    children: [{ name, count: 8, size: 2 * MEBIBYTE, modifiedAt: `2025-06-0${number}T20:00:00Z` }],
  }
}

function documents(): Seedling[] {
  return [
    { name: '空文件.txt', size: 0 },
    { name: '一个字节.bin', size: 1 },
    { name: 'a&b <c> "d" \'e\' %41 #f ?g +h.txt', size: 5 * KIBIBYTE },
    { name: '😀 表情 👨‍👩‍👧‍👦.txt', size: 77 },
    { name: '同名.txt', count: 2, size: 100 },
    { name: longName('.txt'), size: 10 },
    { name: '2012', size: 2012 },
  ]
}

function leaf(): Seedling {
  return { name: '最里面.png', size: 9 * KIBIBYTE }
}

/** As long as a name may be on most disks. */
function longName(extension: string): string {
  const syllable = '长'
  const room = MAX_NAME_BYTES - Buffer.byteLength(extension)
  const syllables = Math.floor(room / Buffer.byteLength(syllable))
  return syllable.repeat(syllables) + 'x'.repeat(room - syllables * Buffer.byteLength(syllable)) + extension
}
