// Entity tags and the preconditions that name them (RFC 9110, 8.8.3 and 13.1). A proxy that compresses an answer makes its
// strong tag a weak one (nginx), or appends the coding (Apache: `-gzip`); either still names our representation, so tags
// are compared without both.
import { errors } from '../errors.ts'

const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g

/** What proxies append within the quotation marks to the tag of what they have compressed. */
const CODING = /[-;:+](?:gzip|br|deflate|zstd)"$/i

const strongTag = (tag: string) => tag.replace(/^W\//, '').replace(CODING, '"')

/**
 * The tags of an If-Match or If-None-Match header, each as the strong one it was made from; '*' when the header accepts
 * any. errors.invalidParameter.
 */
export function parseEtags(header: string): string[] | '*' {
  if (header.trim() === '*') return '*'
  const tags = header.match(TAG)?.map(strongTag)
  if (tags !== undefined) return tags
  throw errors.invalidParameter(
    `${header.slice(0, 100)} is no entity tag; send it as it came, in quotation marks, or *.`,
  )
}

/** The header with each tag as the strong one it was made from. */
export function withStrongTags(header: string): string {
  return header.replace(TAG, strongTag)
}

/** The versions of a definition that an If-Match header accepts, the tags of which begin with it; undefined: any. */
export function acceptedVersions(header: string | undefined): number[] | undefined {
  const tags = header === undefined ? '*' : parseEtags(header)
  if (tags === '*') return undefined
  return tags.flatMap((tag) => {
    const version = /^"(\d{1,9})-/.exec(tag)?.[1]
    return version === undefined ? [] : [Number(version)]
  })
}

/** errors.preconditionFailed unless the entity tag, or `*`, is among those that If-Match names. */
export function requireMatch(header: string | undefined, etag: string): void {
  if (header === undefined) return
  const tags = parseEtags(header)
  if (tags !== '*' && !tags.includes(strongTag(etag))) throw errors.preconditionFailed()
}

/** Whether the caller's copy, named by If-None-Match, is still good. */
export function isNotModified(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const tags = parseEtags(header)
  return tags === '*' || tags.includes(strongTag(etag))
}
