// The records of an entity, or the files, as the subject of advice.
import { columnName, findOperand, readableColumns } from '../plan/column.ts'
import { operatorsOf } from '../plan/comparison.ts'
import type { PlanContext } from '../plan/context.ts'
import { FILTERED_NAMES, isFiles } from '../plan/file-columns.ts'
import { fileOperators } from '../plan/file-filters.ts'
import type { AdviceSubject } from './advice-subject.ts'

/** What the caller may read of the entity. */
export function recordSubject(context: PlanContext): AdviceSubject {
  const { defaultLimit, maxLimit } = context
  const pages = { defaultLimit, maxLimit }
  if (isFiles(context.entity)) return { ...FILES, ...pages }
  const { entity, readable } = context
  const fields = entity.fields.filter((field) => readable(field, entity))
  const namesOf = (isRelation: boolean) =>
    fields.filter(({ type }) => (type === 'relation') === isRelation).map(({ name }) => name)
  return {
    fields: readableColumns(context).map(columnName),
    searched: namesOf(false),
    relations: namesOf(true),
    operatorsOf: (parameter) => operatorsAt(parameter, context),
    ...pages,
  }
}

const FILES = { fields: FILTERED_NAMES, searched: ['filename'], relations: [], operatorsOf: fileOperators }

function operatorsAt(parameter: string, context: PlanContext): readonly string[] {
  const [name = ''] = parameter.split('->', 1)
  const path = parameter === name ? [] : ['']
  return operatorsOf(findOperand({ name, path, text: parameter.includes('->>') }, context))
}
