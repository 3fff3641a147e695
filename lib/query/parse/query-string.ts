// Parse, first step: the raw query string becomes decoded [key, value] pairs in the order they were written.
// `f[0]=` and `f[0][1]=` are spellings of a repeated `f`. Refuses what is too long, is no
// UTF-8, and U+0000, which no text can hold.

import { errors } from '../../errors.ts'

export type Pair = readonly [key: string, value: string]

/** What stands for bytes that are no UTF-8; it may also have been written. */
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
      'A longer one goes into the body of POST /{entity}/query.',
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
