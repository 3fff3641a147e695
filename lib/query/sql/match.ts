// SQL: like and ilike. ilike compares a text as sorting does, without case and accents: decomposed, the characters that fold to
// one of the pattern's translated (by a table made in Node), without marks, and composed. A text of ASCII is only lowered.

import type { Folding } from '../plan/fold-table.ts'
import type { FieldColumn, JsonColumn } from '../plan/operand.ts'
import type { Pattern } from '../plan/pattern.ts'
import { textSql } from './operand.ts'
import type { Row } from './row.ts'

/** The combining marks that folding takes away, as a regular expression. */
const marks = String.raw`'[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]'`

/** Whether the text of the column matches; null where it is unset. */
export function matchSql(column: FieldColumn | JsonColumn, pattern: Pattern, row: Row): string {
  const text = textSql(column, row)
  const seen = pattern.folding === undefined ? text : foldSql(text, pattern.folding, row)
  const matched = `${seen} like ${pattern.quantifier} (${row.bind(pattern.patterns, 'text[]')})`
  const ranged = column.kind === 'field' && column.slot !== null && pattern.prefix !== ''
  return ranged ? `(${prefixSql(column, pattern.prefix, row)} and ${matched})` : `(${matched})`
}

function foldSql(text: string, { from, to, several, composed }: Folding, row: Row): string {
  const whole = several.reduce(
    (sql, [one, folded]) => `replace(${sql}, '${one}', '${folded}')`,
    `normalize(${text}, nfkd)`,
  )
  // The iota below a letter is a mark that turns into a letter of its own.
  const pairs = [row.bind(`\u0345${from}`, 'text'), row.bind(`ι${to}`, 'text')]
  const bare = `regexp_replace(translate(${whole}, ${pairs.join(', ')}), ${marks}, '', 'g')`
  const folded = composed ? `normalize(${bare}, nfc)` : bare
  return `(case when octet_length(${text}) = char_length(${text}) then lower(${text}) else ${folded} end)`
}

/** The range of the index that contains every match. */
function prefixSql({ slot }: FieldColumn, prefix: string, row: Row): string {
  const key = `${row.alias}.k${slot}`
  return `${key} >= ${row.bind(prefix, 'text')} and ${key} < ${row.bind(successor(prefix), 'text')}`
}

/** The least text greater than every text with this (ASCII) prefix. */
function successor(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
}
