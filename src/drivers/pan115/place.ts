import { StorageError } from '../../core/errors.ts'
import type { ListPage } from '../../upstream/pan115/files.ts'

/**
 * Throws NotFound unless `page` is of the directory asked for and that directory lies below `rootId`.
 * 115 answers for an unknown id with the root of the whole drive, without an error; and a directory that was
 * moved away since we saw it is no longer part of this storage. `action` completes "Cannot …".
 */
export function assertListed(
  page: Pick<ListPage, 'cid' | 'ancestors'>,
  asked: { readonly cid: string; readonly rootId: string; readonly action: string },
): void {
  const { cid, rootId, action } = asked
  const advice = cid === rootId ? ({ advice: 'check-folder-id' } as const) : {}
  if (page.cid !== cid) {
    const words = `Cannot ${action}: cloud directory "${cid}" does not exist or is a file`
    throw new StorageError('NotFound', words, advice)
  }
  const isOutside = page.ancestors.length > 0 && !page.ancestors.some(({ id }) => id === rootId)
  // The drive's root has everything below it, and need not stand in every path.
  if (rootId !== '0' && cid !== rootId && isOutside) {
    const words = `Cannot ${action}: cloud directory "${cid}" is no longer below root folder "${rootId}"`
    throw new StorageError('NotFound', words)
  }
}
