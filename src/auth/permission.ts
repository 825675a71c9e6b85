import type { Right } from '../vfs/subject.ts'

/** Every permission bit an account can have, as administrators report it. */
export const everyPermission = 0xffff

/**
 * The bit of an account's `permission` number that grants a right; null: granted to everybody who may come in.
 * The numbers are AList's, so that its admin pages and the tools that speak its API keep their meaning.
 */
const bitOfRight: Readonly<Record<Right, number | null>> = {
  read: null,
  offline: 2,
  // Asking the cloud anew costs the owner requests, so AList ties it to the right to write.
  refresh: 3,
  write: 3,
  rename: 4,
  move: 5,
  copy: 6,
  remove: 7,
  davRead: 8,
  davWrite: 9,
}

/** Whether `permission` grants `right`. */
export function grants(permission: number, right: Right): boolean {
  const bit = bitOfRight[right]
  return bit === null || ((permission >> bit) & 1) === 1
}
