import { type BinaryLike, createHash, createHmac } from 'node:crypto'

// What an upload must prove, recomputed by the server. All inputs are concatenated as ASCII, numbers in decimal.
//
// Evidence: read-from-client (115driver v1.1.1, p115client, a macOS look-alike), vectors of test/parity, 2026-10.

const TOKEN_SALT = 'Qclm8MGWUv59TnrR0XPg'
const COMMUNITY_APP_ID = '0'

/** Fields of `initupload` that `sig` covers, and the account's key. */
export interface SigFields {
  readonly userId: string
  readonly userKey: string
  /** SHA-1 of the file, upper hex. */
  readonly fileId: string
  /** `U_1_{folder id}`. */
  readonly target: string
  /** `0` when the form has none; the macOS app's `100` goes with a user key of its own. */
  readonly appId?: string
}

/** Fields of `initupload` that `token` covers; `signKey` and `signVal` are empty on the first call. */
export interface TokenFields {
  readonly fileId: string
  readonly fileSize: string
  readonly signKey: string
  readonly signVal: string
  readonly userId: string
  readonly t: string
  readonly appVersion: string
}

/** One request to the object store, as its V1 signature sees it. */
export interface OssRequest {
  readonly method: string
  readonly contentMd5: string
  readonly contentType: string
  readonly date: string
  /** All `x-oss-*` headers; names in any case. */
  readonly ossHeaders: Readonly<Record<string, string>>
  readonly bucket: string
  readonly object: string
  /** The query; only sub-resources count. */
  readonly query: Readonly<Record<string, string>>
}

// p115oss leaves the x-oss-enable-* names out of its own list, so its signature differs where it sends them.
const SUB_RESOURCES: ReadonlySet<string> = new Set([
  'uploads',
  'uploadId',
  'partNumber',
  'sequential',
  'x-oss-enable-sha1',
  'x-oss-enable-md5',
  'withHashContext',
  'callback',
  'callback-var',
])

/** The `sig` that `initupload` must carry, upper hex. */
export function computeSig(fields: SigFields): string {
  const appId = fields.appId ?? COMMUNITY_APP_ID
  const inner = hashHex('sha1', fields.userId + fields.fileId + fields.target + appId)
  const suffix = appId === COMMUNITY_APP_ID ? '000000' : ''
  return hashHex('sha1', fields.userKey + inner + suffix).toUpperCase()
}

/** The `token` that `initupload` must carry, lower hex. */
export function computeToken(fields: TokenFields): string {
  const { fileId, fileSize, signKey, signVal, userId, t, appVersion } = fields
  const userHash = hashHex('md5', userId)
  return hashHex(
    'md5',
    TOKEN_SALT + fileId + fileSize + signKey + signVal + userId + t + userHash + appVersion,
  )
}

/** SHA-1 of a byte range as a client must send it in `sign_val`: upper hex. */
export function computeSignVal(range: BinaryLike): string {
  return createHash('sha1').update(range).digest('hex').toUpperCase()
}

/** The `Authorization` header that the object store expects of a request signed with this secret. */
export function signOssRequest(request: OssRequest, accessKeyId: string, accessKeySecret: string): string {
  const signature = createHmac('sha1', accessKeySecret).update(stringToSign(request)).digest('base64')
  return `OSS ${accessKeyId}:${signature}`
}

/** The text under the V1 header signature. */
export function stringToSign(request: OssRequest): string {
  const head = [request.method, request.contentMd5, request.contentType, request.date].join('\n')
  const headers = Object.entries(request.ossHeaders)
    .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
    // By name alone: sorting whole lines would put "x-oss-callback-var:" before "x-oss-callback:".
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`)
    .join('')
  return `${head}\n${headers}${canonicalResource(request)}`
}

function canonicalResource({ bucket, object, query }: OssRequest): string {
  const parameters = Object.entries(query)
    .filter(([name]) => SUB_RESOURCES.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    // An empty value is written without its equals sign.
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
  const resource = `/${bucket}/${object}`
  return parameters.length > 0 ? `${resource}?${parameters.join('&')}` : resource
}

function hashHex(algorithm: 'md5' | 'sha1', text: string): string {
  return createHash(algorithm).update(text, 'utf8').digest('hex')
}
