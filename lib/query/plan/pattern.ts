// Plan: the value of like and ilike -> LIKE patterns. ilike compares texts as their order does, without case and accents:
// Node folds the pattern and lists the characters that SQL has to fold.

import { errors } from '../../errors.ts'
import { fold } from '../../fields/text-key.ts'
import { type Folding, foldingFor } from './fold-table.ts'

export interface Pattern {
  /** LIKE patterns, folded when `folding` is there. */
  patterns: string[]
  /** Whether one or all of the patterns must match. */
  quantifier: 'any' | 'all'
  folding?: Folding
  /** The prefix of the sort key of every match; empty if unknown. */
  prefix: string
}

/** Shorter than the folded text in any cut key. */
const MAX_PREFIX = 80

/** Makes the pattern of `like`, `ilike` and their `(any)` and `(all)`; `*` is a spelling of `%`. */
export function makePattern(texts: string[], insensitive: boolean, quantifier: 'any' | 'all'): Pattern {
  const patterns = texts.map(checkPattern)
  const prefix = patterns.length === 1 ? prefixOf(patterns[0] as string) : ''
  if (!insensitive) return { patterns, quantifier, prefix }
  const folded = patterns.map(fold)
  return { patterns: folded, quantifier, folding: foldingFor(folded.join('')), prefix }
}

function checkPattern(text: string): string {
  const pattern = text.replaceAll('*', '%')
  if (/(?<!\\)(?:\\\\)*\\$/.test(pattern))
    throw errors.malformedQuery('A pattern may not end with "\\"; write "\\\\" for the character itself.')
  return pattern
}

/** Folded; only ASCII, because folding treats other characters together with those that follow them. */
function prefixOf(pattern: string): string {
  const literal = /^(?:[^%_\\\x80-\u{10FFFF}]|\\[\x20-\x7e])*/u.exec(pattern)?.[0] ?? ''
  return fold(literal.replaceAll(/\\(.)/g, '$1')).slice(0, MAX_PREFIX)
}
