// SQL: what holds of a record, condition by condition, and its values, for the explanation of a decision.
import type { Condition } from '../plan/condition.ts'
import type { Operand } from '../plan/operand.ts'
import { conditionSql } from './condition.ts'
import { columnPieces, piecesSql } from './output.ts'
import type { Row } from './row.ts'

/** Characters of a value that are shown. */
const LONGEST = 1000

/** A JSON array of true, false and null, one for each condition; null: nothing is known of it. */
export function holdsSql(conditions: readonly (Condition | undefined)[], row: Row): string {
  const each = conditions.map((one) => (one === undefined ? 'null' : `(${conditionSql(one, row)})`))
  return `to_json(array[${each.join(', ')}]::boolean[])`
}

/** A JSON array of the values of columns; of a long one the beginning of its JSON, as text. */
export function valuesSql(columns: readonly Operand[], row: Row): string {
  const each = columns.map((column) => {
    const json = `(${piecesSql(columnPieces(column, row), row)})`
    return `case when length(${json}) > ${LONGEST} then to_json(left(${json}, ${LONGEST}) || '…') else ${json}::json end`
  })
  return `to_json(array[${each.join(', ')}]::json[])`
}
