// Parse, first step: a raw query string -> decoded [key, value] pairs in their order. `f[0]=` and `f[0][1]=` are spellings
// of a repeated `f`. Refuses a string that is too long or is not UTF-8, and U+0000, which no text can contain.

import { errors } from '../../errors.ts'

export type Pair = readonly [key: string, value: string]

/** The replacement for bytes that are not UTF-8, unless the query string contains it. */
const REPLACED = '\ufffd'

const WRITTEN = /\ufffd|%ef%bf%bd/i

/**
 * Splits and decodes a query string.
 *
 * @param search the text after `?`, undecoded
 * @param longest characters that it may have
 */
export function parsePairs(search: string, longest: number): Pair[] {
  if (search.length > longest)
    throw errors.malformedQuery(
      `The query string may have at most ${longest} characters.`,
      'A longer one, for a list of records, goes into the body of POST /{entity}/query.',
    )
  const pairs = [...new URLSearchParams(search)].map(([key, value]) => [withoutIndexes(key), value] as const)
  for (const pair of pairs) {
    if (pair.some((text) => text.includes('\u0000')))
      throw errors.malformedQuery('The query string holds the character U+0000.')
    if (pair.some((text) => text.includes(REPLACED)) && !WRITTEN.test(search))
      throw errors.malformedQuery('The query string is not percent-encoded UTF-8.')
  }
  return pairs
}

/** `f` of `f[0][1]`; from the end, index by index, so that the time does not grow with the square of the length. */
function withoutIndexes(key: string): string {
  let end = key.length
  for (let index = indexAt(key, end); index !== ''; index = indexAt(key, end)) end -= index.length
  return key.slice(0, end)
}

function indexAt(key: string, end: number): string {
  return /\[\d{0,9}\]$/.exec(key.slice(Math.max(0, end - 11), end))?.[0] ?? ''
}
