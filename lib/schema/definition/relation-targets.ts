// Relations of a definition, as it was sent or read: each with its place, and those that lead to no entity. Pure.

import type { Violation } from '../../errors/problem.ts'
import { violation } from '../../fields/violation.ts'
import { isObject } from './read-field.ts'

export interface NamedRelation {
  /** Where the entity is named. */
  pointer: string
  entity: string
}

/** The relations among fields, those inside arrays and objects included. */
export function relationsIn(fields: unknown, pointer = '/fields'): NamedRelation[] {
  if (!Array.isArray(fields)) return []
  return fields.flatMap((field, at) => relationsOf(field, `${pointer}/${at}`))
}

function relationsOf(field: unknown, pointer: string): NamedRelation[] {
  if (!isObject(field)) return []
  const { type, entity, items, fields } = field
  if (type === 'array') return relationsOf(items, `${pointer}/items`)
  if (type === 'object') return relationsIn(fields, `${pointer}/fields`)
  return type === 'relation' && typeof entity === 'string' ? [{ pointer: `${pointer}/entity`, entity }] : []
}

/** Those that lead nowhere. @param known every entity that there is */
export function missingTargets(relations: readonly NamedRelation[], known: ReadonlySet<string>): Violation[] {
  const entities = [...known].sort().join(', ')
  return relations
    .filter(({ entity }) => !known.has(entity))
    .map(({ pointer, entity }) =>
      violation('reference', `names "${entity}", which is no entity; entities: ${entities}`, pointer),
    )
}
