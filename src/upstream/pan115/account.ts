import type { Ctx } from '../../core/ctx.ts'
import { StorageError } from '../../core/errors.ts'
import type { Pan115Client } from './client.ts'
import { notLoggedIn, protocolError } from './codes.ts'
import type { Meaning } from './codes.ts'
import { asCount, asFlag, asId, asObject, asText } from './wire.ts'
import type { WireObject } from './wire.ts'

/**
 * Throws AuthExpired when 115 does not take the login any more, as an answer to the request: the transport then knows
 * too. Of 115's two checks this is the one without side effects: the other ends the older sessions of the same slot.
 * `action` completes "Cannot …".
 */
export function assertLoggedIn(client: Pan115Client, action: string, ctx: Ctx): Promise<void> {
  return client.call(
    {
      name: 'login status',
      action,
      host: 'my.115.com',
      path: '/',
      query: { ct: 'guide', ac: 'status', _: String(client.clock.now()) },
      bucket: 'other',
      repeatable: true,
      // "No" comes as a bare `state: false`.
      reading: { otherwise: notLoggedIn },
      read: (answer) => {
        if (!asFlag(answer.state)) throw protocolError(action, '115 does not say whether the login lives')
      },
    },
    ctx,
  )
}

export interface UserInfo {
  readonly userId: string
  readonly userName: string
}

/** Who the login belongs to. */
export function userInfo(client: Pan115Client, ctx: Ctx): Promise<UserInfo> {
  const action = 'ask for the account'
  return client.call(
    {
      name: 'user info',
      action,
      host: 'my.115.com',
      path: '/',
      query: { ct: 'ajax', ac: 'nav', _: client.epochSeconds },
      bucket: 'other',
      repeatable: true,
      read: (answer) => {
        const data = asObject(answer.data)
        const userId = asId(data?.user_id)
        if (!data || userId === '') throw protocolError(action, '115 sent no user id')
        return { userId, userName: asText(data.user_name) }
      },
    },
    ctx,
  )
}

/** Bytes of the account; null for what 115 does not say. */
export interface Space {
  readonly totalBytes: number | null
  readonly usedBytes: number | null
  readonly freeBytes: number | null
}

export function accountSpace(client: Pan115Client, ctx: Ctx): Promise<Space> {
  return client.call(
    {
      name: 'index info',
      action: 'ask for the space of the account',
      host: 'webapi.115.com',
      path: '/files/index_info',
      query: { count_space_nums: '0' },
      bucket: 'other',
      repeatable: true,
      read: readSpace,
    },
    ctx,
  )
}

function readSpace(answer: WireObject): Space {
  const space = asObject(asObject(answer.data)?.space_info)
  const bytes = (key: string) => asCount(asObject(space?.[key])?.size)
  return { totalBytes: bytes('all_total'), usedBytes: bytes('all_use'), freeBytes: bytes('all_remain') }
}

/** What uploads are announced with. */
export interface UploadAccess {
  readonly userId: string
  readonly userKey: string
}

/** A login may be refused here and still list, so the refusal does not say that it is dead. */
const mayNotUpload: Meaning = {
  kind: 'AuthExpired',
  says: "115's upload interface does not accept this login",
  advice: 'scan-with-app-client',
}

/** Throws PermissionDenied when 115 lets this account upload nothing. */
export function uploadAccess(client: Pan115Client, ctx: Ctx): Promise<UploadAccess> {
  return client.call(
    {
      name: 'upload info',
      action: 'upload',
      host: 'proapi.115.com',
      path: '/app/uploadinfo',
      bucket: 'other',
      repeatable: true,
      reading: { means: { '99': mayNotUpload } },
      read: readUploadAccess,
    },
    ctx,
  )
}

function readUploadAccess(answer: WireObject): UploadAccess {
  const message = asText(answer.upload_allowed_msg)
  // Absent means allowed: only a clear no is a no.
  if (answer.upload_allowed === false || asText(answer.upload_allowed) === '0') {
    const upstream = message === '' ? {} : { upstream: { message } }
    throw new StorageError('PermissionDenied', 'Cannot upload: 115 does not allow this account to', upstream)
  }
  const userId = asId(answer.user_id)
  const userKey = asText(answer.userkey)
  if (userId === '' || userKey === '') {
    throw protocolError('upload', '115 sent no upload key')
  }
  return { userId, userKey }
}
