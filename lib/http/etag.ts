// Entity tags of records and the preconditions that name them (RFC 9110, 8.8.3 and 13.1):
// `"<record version>-<schema version>-<view>"`. If-None-Match compares the whole tag, which changes with anything that the
// caller would get; If-Match compares the record's version alone.
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { errors } from '../errors.ts'

/**
 * @param version the record's version
 * @param schemaVersion the entity's version
 * @param view whatever else decides what this caller sees of the record
 */
export function recordEtag(version: number | string, schemaVersion: number, view: string): string {
  return `"${version}-${schemaVersion}-${digests.get(view) ?? digestOf(view)}"`
}

/**
 * The tag of a record that is sent with related ones. They change by themselves, and by the permissions for them, so the
 * tag is a digest of the text itself.
 */
export function compositeEtag(version: number | string, schemaVersion: number, json: string): string {
  return `"${version}-${schemaVersion}-${createHash('sha1').update(json).digest('base64url')}"`
}

/** Memo: views are few, one for each role of an entity. */
const digests = new LRUCache<string, string>({ max: 10_000 })

function digestOf(view: string): string {
  const digest = createHash('sha1').update(view).digest('base64url').slice(0, 6)
  digests.set(view, digest)
  return digest
}

/** The tags of an If-Match or If-None-Match header; '*' when it accepts any. errors.invalidParameter. */
function parseEtags(header: string): string[] | '*' {
  if (header.trim() === '*') return '*'
  const tags = header.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g)
  if (tags === null) throw errors.invalidParameter(`${header} is no entity tag; send If-Match: "..." or *.`)
  return tags
}

/**
 * The record versions that an If-Match header accepts; undefined when it accepts any. A weak tag matches nothing
 * (RFC 9110: If-Match uses the strong comparison).
 */
export function acceptedVersions(header: string | undefined): number[] | undefined {
  if (header === undefined) return undefined
  const tags = parseEtags(header)
  if (tags === '*') return undefined
  return tags.flatMap((tag) => {
    const version = /^"(\d{1,9})-/.exec(tag)?.[1]
    return version === undefined ? [] : [Number(version)]
  })
}

/** errors.preconditionFailed unless the entity tag, or `*`, is among those that If-Match names (strong comparison). */
export function requireMatch(header: string | undefined, etag: string): void {
  if (header === undefined) return
  const tags = parseEtags(header)
  if (tags !== '*' && !tags.includes(etag)) throw errors.preconditionFailed()
}

/** errors.preconditionFailed unless If-Match accepts the record's version in the entity tag. */
export function requireVersion(header: string | undefined, etag: string): void {
  const versions = acceptedVersions(header)
  if (versions === undefined) return
  const own = acceptedVersions(etag) ?? []
  if (!own.some((version) => versions.includes(version))) throw errors.preconditionFailed()
}

/** Whether the caller's copy, named by If-None-Match, is still good (weak comparison). */
export function isNotModified(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const tags = parseEtags(header)
  return tags === '*' || tags.some((tag) => tag.replace(/^W\//, '') === etag)
}
