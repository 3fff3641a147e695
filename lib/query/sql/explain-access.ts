// SQL: one record, or the records of a filter, beside what holds of them: for the explanation of access.
import { Parameters } from '../../db/parameters.ts'
import type { Statement } from '../../db/statement.ts'
import type { Condition } from '../plan/condition.ts'
import type { Selection } from '../plan/level-plan.ts'
import type { Operand } from '../plan/operand.ts'
import { conditionSql } from './condition.ts'
import { holdsSql, valuesSql } from './findings.ts'
import { scopeSql, toStatement } from './list.ts'
import { Row } from './row.ts'

/** Hidden records that are shown. */
const SHOWN = 5

/** What is asked of each record. */
export interface Asked {
  conditions: readonly (Condition | undefined)[]
  columns: readonly Operand[]
}

/** One record of the selection: whether it meets each of `verdicts`, what is asked, each as a JSON array; no row when it is not there. */
export function explainRecordSql(
  scope: Selection,
  id: string,
  { verdicts, conditions, columns }: Asked & { verdicts: readonly Condition[] },
): Statement {
  const row = new Row(new Parameters())
  const found = [holdsSql(verdicts, row), holdsSql(conditions, row), valuesSql(columns, row)]
  const where = `${scopeSql(scope, row)} and r.id = ${row.bind(id, 'uuid')}`
  return toStatement(`select ${found.join(', ')} from record r where ${where}`, row)
}

/**
 * One row: the records of the selection that meet `seen`, all of the selection, and a JSON array of the first ones that do not,
 * each with what is asked, or null.
 */
export function explainListSql(scope: Selection, seen: Condition, { conditions, columns }: Asked): Statement {
  const row = new Row(new Parameters())
  const all = scopeSql(scope, row)
  const met = conditionSql(seen, row)
  const found = `json_build_array(r.id, ${holdsSql(conditions, row)}, ${valuesSql(columns, row)})`
  const hidden = `select ${found} as found from record r where ${all} and (${met}) is not true order by r.id limit ${SHOWN}`
  const counts = [`${all} and ${met}`, all].map((where) => `(select count(*) from record r where ${where})`)
  return toStatement(`select ${counts.join(', ')}, (select json_agg(found) from (${hidden}) h)`, row)
}
