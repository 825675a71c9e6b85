// Small stand-ins for what the app passes in: enough to run the vfs without a database, a cloud or a user.
import { StorageError } from '../../src/core/errors.ts'
import { VPath } from '../../src/core/path.ts'
import type { StorageRecord, StorageStore } from '../../src/vfs/storage-record.ts'
import type { Subject } from '../../src/vfs/subject.ts'

export function memoryStorageStore(): StorageStore {
  const rows = new Map<number, StorageRecord>()
  let lastId = 0

  const must = (id: number) => {
    const row = rows.get(id)
    if (!row) throw new StorageError('NotFound', `no storage ${id}`)
    return row
  }
  const mustBeFree = (mountPath: string, own: number | null) => {
    const taken = [...rows.values()].some((row) => row.mountPath === mountPath && row.id !== own)
    if (taken) throw new StorageError('AlreadyExists', `"${mountPath}" is taken`)
  }
  const put = (row: StorageRecord) => {
    rows.set(row.id, row)
    return row
  }

  return {
    list: async () => [...rows.values()].sort((a, b) => a.order - b.order || a.id - b.id),
    get: async (id) => rows.get(id) ?? null,
    async create(input) {
      mustBeFree(input.mountPath, null)
      lastId += 1
      return put({ ...input, id: lastId, modifiedAt: new Date() })
    },
    async update(id, input) {
      must(id)
      mustBeFree(input.mountPath, id)
      return put({ ...input, id, modifiedAt: new Date() })
    },
    async patchOptions(id, changed) {
      const row = must(id)
      put({ ...row, options: { ...row.options, ...changed } })
    },
    async setDisabled(id, disabled) {
      put({ ...must(id), disabled })
    },
    async delete(id) {
      must(id)
      rows.delete(id)
    },
  }
}

/** Somebody who may do what `can` says; everything by default. */
export function subject(given: { basePath?: string; can?: Subject['can'] } = {}): Subject {
  return {
    name: 'somebody',
    isAdmin: false,
    basePath: VPath.parse(given.basePath ?? '/'),
    can: given.can ?? (() => true),
  }
}
