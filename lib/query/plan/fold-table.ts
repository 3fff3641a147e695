// Plan: folding (case and accents) the other way round: which characters fold to a given one. SQL decomposes a text
// (NFKD) and translates them; since only the characters of the pattern matter, the table it needs is small.
import { fold } from '../../fields/text-key.ts'

/** Characters with letter case end here; beyond are ideographs and symbols. */
const LAST = 0x1ffff

/** Memo: made when it is first needed. */
let table: Map<string, string[]> | undefined

/** The characters that fold to one in `text`, and beside each what it folds to. */
export function foldedFrom(text: string): { from: string; to: string } {
  table ??= makeTable()
  const from: string[] = []
  const to: string[] = []
  for (const character of new Set(text)) {
    for (const variant of table.get(character) ?? []) {
      from.push(variant)
      to.push(character)
    }
  }
  return { from: from.join(''), to: to.join('') }
}

/** Folded character -> the other characters that fold to it and that NFKD leaves as they are. */
function makeTable(): Map<string, string[]> {
  const variants = new Map<string, string[]>()
  for (let code = 0x41; code <= LAST; code++) {
    const character = String.fromCodePoint(code)
    if (!isCased(character) || character.normalize('NFKD') !== character) continue
    const folded = fold(character)
    if (folded === character || [...folded].length !== 1) continue
    variants.set(folded, [...(variants.get(folded) ?? []), character])
  }
  return variants
}

/** The final sigma folds to the other one, though both are lower case. */
const isCased = (character: string) =>
  character.toLowerCase() !== character || character.toUpperCase() !== character
