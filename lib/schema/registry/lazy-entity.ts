// An entity whose definition is parsed when it is first used: requests with a cached plan never use it.
import type { TextRow } from '../../db/statement.ts'
import type { Entity, EntityDefinition } from '../../entities/entity.ts'
import { ENTITY_ROW } from '../entity-store.ts'

/**
 * The entity of a row. All properties are its own, so that a copy has them all.
 *
 * @param shape readShapeOf the definition
 * @param row a row of selectEntity
 */
export function storedEntity(tenantId: string, shape: string, row: TextRow): Entity {
  const { value } = ENTITY_ROW
  let parsed: EntityDefinition | undefined
  const definition = () => {
    parsed ??= value(row, 'definition')
    return parsed
  }
  return {
    tenantId,
    id: value(row, 'id'),
    name: value(row, 'name'),
    version: value(row, 'version'),
    shape,
    get label() {
      return definition().label
    },
    get description() {
      return definition().description
    },
    get fields() {
      return definition().fields
    },
    get constraints() {
      return definition().constraints
    },
    get slots() {
      return definition().slots
    },
    get retiredKeys() {
      return definition().retiredKeys
    },
    get purgedKeys() {
      return definition().purgedKeys
    },
    get aliases() {
      return definition().aliases
    },
    get orderedByTime() {
      return definition().orderedByTime
    },
    get formerKeys() {
      return definition().formerKeys
    },
    get pending() {
      return definition().pending
    },
    get createdAt() {
      return value(row, 'createdAt')
    },
    get updatedAt() {
      return value(row, 'updatedAt')
    },
  }
}
