// Definitions of an export: read again by the grammar of definitions, so that what is stored is what a server could have stored.
// Slots are assigned anew; dropped fields keep their keys reserved, and nothing of their values.
import { ENTITY_NAME, type Entity, type EntityDefinition } from '../entities/entity.ts'
import { Problem } from '../errors/problem.ts'
import { StartError } from '../errors/start-error.ts'
import { createEntityDefinition } from '../schema/change/revise.ts'
import { NEVER_ENTITIES } from '../schema/definition/names.ts'
import { parseDefinition } from '../schema/definition/parse-definition.ts'
import { presentDefinition } from '../schema/definition/present-definition.ts'
import { missingTargets, relationsIn } from '../schema/definition/relation-targets.ts'

/** The name of a field, or that with a number. */
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,62}(?:~[1-9][0-9]{0,8})?$/

const INHERITED = Object.getOwnPropertyNames(Object.prototype)

const isKey = (key: unknown): key is string =>
  typeof key === 'string' && KEY.test(key) && !INHERITED.includes(key)

/** The definition as it is to be stored; StartError when a server could not have stored it. */
export function checkDefinition(name: string, stored: unknown): EntityDefinition {
  try {
    return rebuild(name, stored as EntityDefinition)
  } catch (error) {
    throw new StartError(
      `The export cannot be imported: the definition of ${name.slice(0, 63)} ${reasonOf(error)}.`,
    )
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Problem)) return 'cannot be read'
  const [first] = error.extras.errors ?? []
  return first === undefined
    ? 'cannot be read'
    : `is not valid: ${first.pointer} ${first.message}`.slice(0, 300)
}

function rebuild(name: string, stored: EntityDefinition): EntityDefinition {
  if (!ENTITY_NAME.test(name) || NEVER_ENTITIES.has(name)) throw new Error('no name')
  const { fields, retiredKeys = [] } = stored
  const keys = fields.map(({ key }) => key)
  const all = [...keys, ...retiredKeys]
  if (!all.every(isKey) || new Set(keys).size !== keys.length) throw new Error('no keys')
  const {
    version: _v,
    created_at: _c,
    updated_at: _u,
    ...sent
  } = presentDefinition({ ...stored, name } as Entity)
  const parsed = parseDefinition(sent, { segments: new Set(), current: { name, fields } })
  const byName = new Map(fields.map((field) => [field.name, field.key]))
  const definition = createEntityDefinition({ ...parsed, keys: byName })
  const retired = retiredKeys.filter((key) => !keys.includes(key))
  return {
    ...definition,
    retiredKeys: retired,
    ...(retired.length > 0 && { purgedKeys: retired }),
    ...(stored.orderedByTime === true && { orderedByTime: true }),
  }
}

/** StartError when a relation leads to no entity of the export. */
export function checkRelations(entities: ReadonlyMap<string, Pick<Entity, 'fields'>>): void {
  const known = new Set(entities.keys())
  for (const [name, { fields }] of entities) {
    const [missing] = missingTargets(relationsIn(fields), known)
    if (missing === undefined) continue
    throw new StartError(`The export cannot be imported: a relation of ${name} leads to no entity of it.`)
  }
}
