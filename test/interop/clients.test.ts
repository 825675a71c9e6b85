// Programs nobody here wrote read the demo's drive: rclone, curl, ffprobe, cadaver.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { canRun, clientTest } from '../support/clients.ts'
import { startTestDemo, type TestDemo } from '../support/demo.ts'

const run = promisify(execFile)
const mebibyte = 1024 * 1024

/** The files that `rclone copy` must bring over, byte for byte. */
const files = [
  { name: 'zero.bin', size: 0 },
  { name: 'one.bin', size: 1 },
  { name: 'mebibyte.bin', size: mebibyte },
  { name: 'big.bin', size: 300 * mebibyte },
  { name: '第1集 你好，世界.mkv', size: 12_345 },
  { name: `a&b<c>'d"e%f#g+h?i.txt`, size: 100 },
  { name: '🎬 片 👨‍👩‍👧.mp4', size: 200 },
  { name: `${'长'.repeat(83)}.ext.bin`.slice(0, 85) + 'x', size: 300 },
  { name: '%2F%41 100%.txt', size: 7 },
]

describe('third-party clients on the demo', () => {
  let demo: TestDemo
  let folder: string
  let remote: string[]

  const rclone = (...args: string[]) =>
    run('rclone', [...remote, ...args], {
      maxBuffer: 64 * mebibyte,
      env: { ...process.env, RCLONE_CONFIG: '/dev/null' },
    })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'panport-clients-'))
    demo = await startTestDemo()
    await demo.control.seed(demo.account, [
      {
        name: 'copy me',
        children: [
          ...files.map(({ name, size }) => ({ name, size, seed: name })),
          {
            name: '子 目录',
            children: [
              { name: 'inner.txt', size: 10, seed: 'inner' },
              { name: 'empty', children: [] },
            ],
          },
        ],
      },
    ])
    const obscured = (
      await run('rclone', ['obscure', demo.password]).catch(() => ({ stdout: '' }))
    ).stdout.trim()
    remote = [
      '--webdav-url',
      demo.davUrl,
      '--webdav-vendor',
      'owncloud',
      '--webdav-user',
      demo.user,
      '--webdav-pass',
      obscured,
    ]
    await demo.api('/api/fs/list', { path: '/115', refresh: true })
  }, 120_000)

  afterAll(async () => {
    await demo?.close()
    await rm(folder, { recursive: true, force: true })
  })

  clientTest(
    'rclone',
    'lsf -R lists the whole seeded tree',
    async () => {
      const { stdout } = await rclone('lsf', '-R', ':webdav:115')
      const listed = stdout.split('\n').filter((line) => line !== '')
      expect(listed.map((line) => line.replace(/\/$/, '')).sort()).toEqual((await demo.truth()).sort())
    },
    { timeoutMs: 300_000 },
  )

  clientTest(
    'rclone',
    'copy, then check --download, agree byte for byte',
    async () => {
      const target = join(folder, 'copy')
      await rclone('copy', ':webdav:115/copy me', target, '--create-empty-src-dirs')
      await rclone('check', '--download', ':webdav:115/copy me', target)
      expect((await readdir(target)).sort()).toEqual([...files.map(({ name }) => name), '子 目录'].sort())
      const truth = await demo.control.tree(demo.account, '/copy me')
      for (const { name } of files) {
        const entry = truth.children?.find((each) => each.name === name)
        expect(await sha1Of(join(target, name))).toBe(entry?.sha1?.toLowerCase())
      }
    },
    { timeoutMs: 300_000 },
  )

  clientTest('rclone', 'reads the SHA-1 of a file without its bytes', async () => {
    const truth = await demo.control.tree(demo.account, '/copy me')
    const expected = truth.children?.find(({ name }) => name === 'big.bin')?.sha1?.toLowerCase()
    await demo.control.resetLog()
    const { stdout } = await rclone('hashsum', 'sha1', ':webdav:115/copy me/big.bin')
    expect(stdout.split(/\s+/)[0]).toBe(expected)
    expect((await demo.control.counts())['cdn'] ?? 0).toBe(0)
  })

  clientTest('curl', 'follows the redirect of /d to the same bytes', async () => {
    const target = join(folder, 'curl.bin')
    await run('curl', ['-sSfL', '-o', target, await demo.signedUrl('d', '/115/copy me', 'mebibyte.bin')])
    const truth = await demo.control.tree(demo.account, '/copy me')
    expect(await sha1Of(target)).toBe(
      truth.children?.find(({ name }) => name === 'mebibyte.bin')?.sha1?.toLowerCase(),
    )
    const { stdout } = await run('curl', [
      '-sSo',
      '/dev/null',
      '-w',
      '%{http_code} %{redirect_url}',
      await demo.signedUrl('d', '/115/copy me', 'mebibyte.bin'),
    ])
    expect(stdout).toMatch(/^302 http:\/\/127\.0\.0\.1:/)
  })

  clientTest(
    'ffprobe',
    'reads a real video over /d and over WebDAV, with seeks',
    async () => {
      const video = join(folder, 'film.mp4')
      // The index of an mp4 is at its end unless asked otherwise: whoever opens it must seek.
      await run('ffmpeg', [
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc=size=640x360:rate=25:duration=20',
        '-f',
        'lavfi',
        '-i',
        'sine=duration=20',
        '-c:v',
        'libx264',
        '-pix_fmt',
        'yuv420p',
        '-c:a',
        'aac',
        '-shortest',
        video,
      ])
      const blob = await demo.control.pushBlob(await readFile(video))
      await demo.control.seed(demo.account, [
        { name: 'videos', children: [{ name: '片 1.mp4', blob: blob.blob }] },
      ])
      await demo.api('/api/fs/list', { path: '/115', refresh: true })
      const webdav = `http://${demo.user}:${encodeURIComponent(demo.password)}@${new URL(demo.davUrl).host}/dav/115/videos/${encodeURIComponent('片 1.mp4')}`
      for (const url of [await demo.signedUrl('d', '/115/videos', '片 1.mp4'), webdav]) {
        const { stdout } = await run('ffprobe', [
          '-v',
          'error',
          '-show_entries',
          'format=duration:stream=codec_name',
          '-of',
          'json',
          url,
        ])
        const probed = JSON.parse(stdout) as {
          format: { duration: string }
          streams: { codec_name: string }[]
        }
        expect(Number(probed.format.duration)).toBeCloseTo(20, 0)
        expect(probed.streams.map((stream) => stream.codec_name).sort()).toEqual(['aac', 'h264'])
        const frame = join(folder, 'frame.png')
        await run('ffmpeg', ['-v', 'error', '-y', '-ss', '15', '-i', url, '-frames:v', '1', frame])
        expect((await readFile(frame)).length).toBeGreaterThan(1000)
      }
    },
    { probe: () => canRun('ffprobe', ['-version']) && canRun('ffmpeg', ['-version']), timeoutMs: 120_000 },
  )

  clientTest(
    'cadaver',
    'lists and gets',
    async () => {
      const login = `machine 127.0.0.1 login ${demo.user} password ${demo.password}\n`
      await writeFile(join(folder, '.netrc'), login, { mode: 0o600 })
      const cadaver = run('cadaver', [`${demo.davUrl}/`], {
        cwd: folder,
        env: { ...process.env, HOME: folder },
      })
      const target = join(folder, 'cadaver.txt')
      cadaver.child.stdin?.end(`ls "115/copy me/"\nget 本地/你好.txt ${target}\nquit\n`)
      const { stdout } = await cadaver
      expect(stdout).toContain('mebibyte.bin')
      expect(await readFile(target, 'utf8')).toContain('This is a folder of this machine.')
    },
    // It ends its version with a failure code, so that is no way to look for it.
    { probe: () => canRun('sh', ['-c', 'command -v cadaver']) },
  )
})

function sha1Of(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha1')
    createReadStream(path)
      .on('data', (chunk) => hash.update(chunk))
      .on('end', () => resolve(hash.digest('hex')))
      .on('error', reject)
  })
}
