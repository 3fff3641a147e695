// SQL: one record by its id, within the caller's row filter.

import { Parameters } from '../../db/parameters.ts'
import type { Statement } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import type { Output, Selection } from '../plan/level-plan.ts'
import { weightOf } from '../plan/weight.ts'
import { scopeSql } from './list.ts'
import { recordSql } from './projection.ts'
import { Row } from './row.ts'
import { forEntity } from './scope.ts'

/** The statement for any id, which must be a UUID: the record's `version`, then its JSON; no row when it is not there. */
export function getSql(
  scope: Selection,
  outputs: readonly Output[],
): (entity: Entity, id: string) => Statement {
  const row = new Row(new Parameters())
  const { values, owners } = row.params
  const owner = scopeSql(scope, row)
  const at = values.length
  const where = `${owner} and r.id = ${row.bind(undefined, 'uuid')}`
  // Related records can be many, and aliases repeat what a record has.
  const isSmall = outputs.every(({ kind }) => kind === 'column') && weightOf(outputs) === 1
  const cost = isSmall ? 'row' : 'open'
  const text = `select r.version, ${recordSql(outputs, row)} from record r where ${where}`
  return (entity, id) => forEntity(entity, { text, values: values.with(at, id), owners, cost })
}
