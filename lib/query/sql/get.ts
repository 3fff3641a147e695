// SQL: one record by its id, within the caller's row filter.

import { Parameters } from '../../postgres/parameters.ts'
import type { Statement } from '../../postgres/queryable.ts'
import type { Scope } from '../plan/plan-list.ts'
import type { Output } from '../plan/select.ts'
import { bind } from './bind.ts'
import { scopeSql } from './list.ts'
import { projection } from './projection.ts'

/** The record's `version` and its JSON as `record`; no row when it is not there. `id` must be a UUID. */
export function getSql(scope: Scope, outputs: readonly Output[], id: string): Statement {
  const params = new Parameters()
  const where = `${scopeSql(scope, params)} and r.id = ${bind(params, id, 'uuid')}`
  const text = `select r.version, ${projection(outputs, params)} as record from record r where ${where}`
  return { text, values: params.values }
}
