// How the bytes of a file are answered: which headers, whether the caller's copy is still good, which part is wanted.
// What a browser would run in our name is never shown by it: everything is sandboxed, and only pictures, sound, video,
// PDF and plain text are displayed, the rest is offered for download.

import type { IncomingHttpHeaders } from 'node:http'
import { create as contentDisposition } from 'content-disposition'
import fresh from 'fresh'
import { withStrongTags } from '../http/etag.ts'
import { type ByteRange, parseByteRange } from './byte-range.ts'
import { UNKNOWN_CHARSET } from './sniff/text-encoding.ts'
import type { StoredFile } from './stored-file.ts'

const DISPLAYED = /^(?:(?:image|audio|video)\/[^+]+|application\/pdf|text\/plain)$/

function isDisplayed(contentType: string): boolean {
  return DISPLAYED.test(contentType)
}

/** Types whose `charset` parameter is defined, or read by clients all the same. */
const TEXTS = /^text\/|[/+](?:xml|json)$|^application\/(?:yaml|x-ndjson)$/

/** Media types other than `text/*` are UTF-8 unless they say otherwise. */
function withCharset({ contentType, charset }: StoredFile): string {
  const isDefault = charset === 'utf-8' && !contentType.startsWith('text/')
  if (isDefault || charset === UNKNOWN_CHARSET || !TEXTS.test(contentType)) return contentType
  return `${contentType}; charset=${charset}`
}

/** The entity tag of the bytes, which never change. */
export function etagOf({ sha256 }: StoredFile): string {
  return `"${sha256}"`
}

function lastModifiedOf({ createdAt }: StoredFile): string {
  return new Date(createdAt).toUTCString()
}

/** The name, quoted even where it need not be: not every client reads a bare one. */
function dispositionOf({ filename, contentType }: StoredFile): string {
  const type = isDisplayed(contentType) ? 'inline' : 'attachment'
  return contentDisposition(filename, { type }).replace(
    /^(\w+); filename=([^";]+)(?=;|$)/,
    '$1; filename="$2"',
  )
}

/** What every answer about the bytes carries, also one without them. */
export function validatorHeaders(file: StoredFile): Record<string, string> {
  return {
    etag: etagOf(file),
    'last-modified': lastModifiedOf(file),
  }
}

/** The headers of the whole file. */
export function deliveryHeaders(file: StoredFile): Record<string, string> {
  return {
    ...validatorHeaders(file),
    'content-type': withCharset(file),
    'content-length': String(file.size),
    'content-disposition': dispositionOf(file),
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
  }
}

/** The headers of a part of it, instead of those of the whole. */
export function rangeHeaders({ size }: StoredFile, { start, end }: ByteRange): Record<string, string> {
  return { 'content-length': String(end - start + 1), 'content-range': `bytes ${start}-${end}/${size}` }
}

/** True when the copy that If-None-Match or If-Modified-Since names is still good. */
export function isCopyGood(headers: IncomingHttpHeaders, file: StoredFile): boolean {
  // Without Cache-Control: its no-cache speaks to caches on the way, and fetch() sends it with every If-None-Match.
  const { 'if-none-match': noneMatch, 'if-modified-since': modifiedSince } = headers
  const conditions = {
    'if-none-match': noneMatch && withStrongTags(noneMatch),
    'if-modified-since': modifiedSince,
  }
  return fresh(conditions, { etag: etagOf(file), 'last-modified': lastModifiedOf(file) })
}

/** The part that is asked for; undefined: the whole; null: a part that does not exist. */
export function requestedRange(headers: IncomingHttpHeaders, file: StoredFile): ByteRange | null | undefined {
  const condition = headers['if-range']
  const isCurrent =
    condition === undefined || condition === etagOf(file) || condition === lastModifiedOf(file)
  return isCurrent ? parseByteRange(headers.range, file.size) : undefined
}
