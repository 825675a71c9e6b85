import { createHmac } from 'node:crypto'

/** Query parameters that name a part of the object and are therefore signed; all others are not. */
const signedParameters = new Set([
  'callback',
  'callback-var',
  'partNumber',
  'sequential',
  'uploadId',
  'uploads',
  'withHashContext',
  'x-oss-enable-md5',
  'x-oss-enable-sha1',
])

/** A request to Aliyun OSS, as far as its V1 header signature sees it. */
export interface OssRequest {
  readonly method: string
  readonly bucket: string
  /** Without a leading `/`. */
  readonly object: string
  /** An empty value is written without `=`. */
  readonly query: Readonly<Record<string, string>>
  /** Lower-case names; `date` is needed. */
  readonly headers: Readonly<Record<string, string>>
}

/** The value of `Authorization` for a temporary key. */
export function ossAuthorization(request: OssRequest, keyId: string, keySecret: string): string {
  const signature = createHmac('sha1', keySecret).update(ossStringToSign(request)).digest('base64')
  return `OSS ${keyId}:${signature}`
}

/** What is signed: the verb, four headers, the `x-oss-` headers in order, and the resource. */
export function ossStringToSign(request: OssRequest): string {
  const { headers } = request
  const ossHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-'))
    .sort()
    .map((name) => `${name}:${headers[name]}`)
  const plain = ['content-md5', 'content-type', 'date'].map((name) => headers[name] ?? '')
  return [request.method, ...plain, ...ossHeaders, resourceOf(request)].join('\n')
}

function resourceOf({ bucket, object, query }: OssRequest): string {
  const parameters = Object.keys(query)
    .filter((name) => signedParameters.has(name))
    .sort()
    .map((name) => (query[name] ? `${name}=${query[name]}` : name))
  return `/${bucket}/${object}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`
}
