// Plan: the reverse of folding: the characters that fold to a given one, and those that fold to several. SQL decomposes a
// text (NFKD) and replaces them; only the characters of the pattern matter, so its table is small.
import { fold } from '../../fields/text-key.ts'

/** Characters with letter case end here; beyond are ideographs and symbols. */
const LAST = 0x1ffff

export interface FoldTable {
  /** Folded character -> the other characters that fold to it and that NFKD leaves as they are. */
  single: ReadonlyMap<string, string[]>
  /** Characters that fold to several, and these. */
  several: readonly (readonly [from: string, to: string])[]
}

/** Memo: the table, made on first use. */
let table: FoldTable | undefined

/** The folding in SQL of a text that is compared with a pattern. */
export interface Folding {
  /** Characters and what each folds to, for translate(). */
  from: string
  to: string
  /** Characters and the several that each folds to, for replace(). */
  several: FoldTable['several']
  /** Whether what is left has to be composed. */
  composed: boolean
}

/** The folding of texts that are compared with folded patterns. */
export function foldingFor(patterns: string): Folding {
  table ??= makeTable()
  const from: string[] = []
  const to: string[] = []
  for (const character of new Set(patterns.normalize('NFKD'))) {
    for (const variant of table.single.get(character) ?? []) {
      from.push(variant)
      to.push(character)
    }
  }
  // The wildcard for one character counts every character.
  const counts = patterns.includes('_')
  const several = table.several.filter(
    ([, folded]) => counts || [...folded].some((one) => patterns.includes(one)),
  )
  const composed = counts || /[^\0-\x7f]/.test(patterns)
  return { from: from.join(''), to: to.join(''), several, composed }
}

function makeTable(): FoldTable {
  const single = new Map<string, string[]>()
  const several: [string, string][] = []
  for (let code = 0x41; code <= LAST; code++) {
    const character = String.fromCodePoint(code)
    if (!isCased(character) || character.normalize('NFKD') !== character) continue
    const folded = fold(character)
    if (folded === character) continue
    if ([...folded].length > 1) several.push([character, folded])
    else single.set(folded, [...(single.get(folded) ?? []), character])
  }
  return { single, several }
}

/** Whether a character has case, or folds to others without it, as the final sigma does. */
const isCased = (character: string) =>
  character.toLowerCase() !== character ||
  character.toUpperCase() !== character ||
  fold(character) !== character
