// A sandbox with an account, a gateway beside it, and mounts that end with each test.
import { afterAll, afterEach, beforeAll } from 'vitest'
import { mount115, startTestGateway, type TestGateway } from './gateway.ts'
import { startTestSandbox, type TestSandbox } from './sandbox.ts'

interface Obj {
  readonly name: string
  readonly size: number
  readonly is_dir: boolean
  readonly sign: string
  readonly hash_info: { readonly sha1?: string } | null
}

interface ListData {
  readonly content: readonly Obj[]
  readonly total: number
  readonly incomplete: { readonly missing: number } | null
}

export interface StorageData {
  readonly id: number
  readonly mount_path: string
  readonly status: string
  readonly addition: string
  readonly checks: readonly { readonly of: string; readonly ok: boolean | null; readonly text: string }[]
  readonly notices: readonly { readonly code: string; readonly text: string }[]
}

/** Set up before the first test of the file that calls this, taken down after its last. */
export function useStage() {
  let mounted: number[] = []
  const stage = {
    cloud: undefined as unknown as TestSandbox,
    gateway: undefined as unknown as TestGateway,
    account: '',
    /** A login of the account as `tv`. */
    cookie: '',
    /** Mounts at `/115` unless told otherwise, until the test ends. */
    async mount(use: string, given: Parameters<typeof mount115>[2] = {}) {
      const answer = await mount115(stage.gateway, use, given)
      if (answer.data?.id) mounted.push(answer.data.id)
      return answer
    },
    list: (path: string, more: object = {}) => stage.gateway.api<ListData>('/api/fs/list', { path, ...more }),
    /** Sorted names of what the cloud has at `path` now. */
    async names(path: string): Promise<string[]> {
      const { data } = await stage.list(path, { refresh: true })
      return data.content.map(({ name }) => name).sort()
    },
    storage: async (id: number) =>
      (await stage.gateway.api<StorageData>(`/api/admin/storage/get?id=${id}`)).data,
  }

  beforeAll(async () => {
    stage.cloud = await startTestSandbox()
    const made = await stage.cloud.control.createAccount({ name: '小明', devices: ['tv', 'web'] })
    stage.account = made.account
    stage.cookie = made.cookies['tv'] ?? ''
    await stage.cloud.control.seed(stage.account, [
      {
        name: '电影',
        children: [
          { name: '星河.mkv', size: 2_000_000, seed: 'film' },
          { name: '第二层', children: [{ name: 'x.txt', size: 3 }] },
        ],
      },
      { name: '私人', children: [{ name: 'secret.txt', size: 10 }] },
    ])
    stage.gateway = await startTestGateway({ sandboxUrl: stage.cloud.sandbox.url })
  }, 60_000)

  afterAll(async () => {
    await stage.gateway?.close()
    await stage.cloud?.close()
  })

  afterEach(async () => {
    await stage.cloud.control.clearFaults()
    for (const id of mounted) await stage.gateway.api(`/api/admin/storage/delete?id=${id}`, {})
    mounted = []
  })

  return stage
}
