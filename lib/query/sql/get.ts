// SQL: one record by its id, within the caller's row filter.
import { Parameters } from '../../postgres/parameters.ts'
import type { Statement } from '../../postgres/queryable.ts'
import type { Output, Scope } from '../plan/level-plan.ts'
import { scopeSql } from './list.ts'
import { recordSql } from './projection.ts'
import { Row } from './row.ts'

/** The record's `version`, then its JSON; no row when it is not there. `id` must be a UUID. */
export function getSql(scope: Scope, outputs: readonly Output[], id: string): Statement {
  const row = new Row(new Parameters())
  const where = `${scopeSql(scope, row)} and r.id = ${row.bind(id, 'uuid')}`
  const text = `select r.version, ${recordSql(outputs, row)} from record r where ${where}`
  return { text, values: row.params.values }
}
