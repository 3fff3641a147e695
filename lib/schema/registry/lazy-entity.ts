// An entity as its row, parsed when somebody looks into the definition: reading by a plan that is known already never does.
import type { TextRow } from '../../db/statement.ts'
import { toIsoTimestamp } from '../../db/timestamp.ts'
import type { Entity, EntityDefinition } from '../../entities/entity.ts'

/**
 * Its properties are its own, as those of any entity: a copy has them all.
 *
 * @param shape what shapeOf makes of the definition
 * @param row as selectEntity gives it
 */
export function storedEntity(tenantId: string, shape: string, row: TextRow): Entity {
  const [id, name, version, text, createdAt, updatedAt] = row as [string, string, string, ...string[]]
  let parsed: EntityDefinition | undefined
  const definition = () => {
    parsed ??= JSON.parse(text as string) as EntityDefinition
    return parsed
  }
  return {
    tenantId,
    id: Number(id),
    name,
    version: Number(version),
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
    get createdAt() {
      return toIsoTimestamp(createdAt as string)
    },
    get updatedAt() {
      return toIsoTimestamp(updatedAt as string)
    },
  }
}
