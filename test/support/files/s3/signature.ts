// Whether a request carries the signature that Amazon asks for (AWS Signature Version 4, in the header), made by its
// rules and not by its client. Answers with the code of the refusal, undefined when all is right.
import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Account {
  accessKeyId: string
  secretAccessKey: string
  region: string
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/

const MOST_SKEW = 15 * 60_000

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')

const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()

/** As RFC 3986 has it, which is stricter than encodeURIComponent. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

function canonicalQuery({ searchParams }: URL): string {
  const pairs = [...searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`)
  return pairs.sort().join('&')
}

function canonicalRequest(request: IncomingMessage, url: URL, signed: string): string {
  const headers = signed.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
  const path = decodeURIComponent(url.pathname).split('/').map(encode).join('/')
  const digest = request.headers['x-amz-content-sha256']
  return [request.method, path, canonicalQuery(url), headers.join(''), signed, digest].join('\n')
}

/** `20261123T090807Z` as a time. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
}

/** Why the request is refused; undefined when it may pass. */
export function refusalOf(request: IncomingMessage, body: Buffer, account: Account): string | undefined {
  const [, keyId, day, region, signed = '', signature] =
    AUTHORIZATION.exec(request.headers.authorization ?? '') ?? []
  if (keyId === undefined) return 'AccessDenied'
  if (keyId !== account.accessKeyId) return 'InvalidAccessKeyId'
  if (region !== account.region) return 'AuthorizationHeaderMalformed'
  const date = String(request.headers['x-amz-date'])
  if (!(Math.abs(timeOf(date) - Date.now()) < MOST_SKEW)) return 'RequestTimeTooSkewed'
  if (!signed.split(';').includes('host')) return 'SignatureDoesNotMatch'
  // Bytes that are not signed are refused as well: nothing on the way may change them.
  if (request.headers['x-amz-content-sha256'] !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const scope = `${day}/${region}/s3/aws4_request`
  const url = new URL(request.url ?? '/', 'http://s3')
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest(request, url, signed))].join('\n')
  const key = [day as string, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${account.secretAccessKey}`,
  )
  return hmac(key, text).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}
