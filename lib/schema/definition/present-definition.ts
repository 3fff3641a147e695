// An entity as the API shows it: the definition as it was sent, completed, and nothing of how it is stored.
import type { Entity } from '../../entities/entity.ts'
import type { UniqueFields } from '../../entities/slots.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'

export interface PresentedDefinition {
  entity_name: string
  label: string | null
  description: string | null
  version: number
  fields: Record<string, unknown>[]
  unique: (string[] | UniqueFields)[]
  created_at: string
  updated_at: string
}

/** The answer of /schemas/{entity}; PUT takes it back unchanged. */
export function presentDefinition(entity: Entity): PresentedDefinition {
  return {
    entity_name: entity.name,
    label: entity.label,
    description: entity.description,
    version: entity.version,
    fields: entity.fields.map(presentField),
    unique: presentUnique(entity),
    created_at: entity.createdAt,
    updated_at: entity.updatedAt,
  }
}

/** A field as it is sent and shown. */
export function presentField({ key: _, from: _from, ...field }: Field): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...field }
  // Of a type that compares without case by default, so that the definition says the same when it is sent again.
  if (field.unique === true && typeOf(field.type).uniqueByDefault !== undefined) shown.unique = 'exact'
  for (const [option, kind] of Object.entries(typeOf(field.type).nested ?? {})) {
    shown[option] =
      kind === 'field' ? presentItems(field[option] as Field) : (field[option] as Field[]).map(presentField)
  }
  return shown
}

/** The items of an array have no name. */
function presentItems(items: Field): Record<string, unknown> {
  const { name: _, ...shown } = presentField(items)
  return shown
}

/** The constraints that no field's `unique` says. */
export function uniqueOf({ fields, constraints }: Pick<Entity, 'fields' | 'constraints'>): UniqueFields[] {
  const byKey = new Map(fields.map((field) => [field.key, field]))
  return constraints
    .filter(({ keys }) => keys.length > 1 || !byKey.get(keys[0] ?? '')?.unique)
    .map(({ keys, nulls, ci }) => ({
      fields: keys.map((key) => byKey.get(key)?.name ?? key),
      ...(nulls === undefined ? {} : { nulls }),
      ...(ci === undefined ? {} : { compare: 'ci' as const }),
    }))
}

/** As it is sent: a list of names where nothing else is said. */
function presentUnique(entity: Entity): (string[] | UniqueFields)[] {
  return uniqueOf(entity).map((one) => (Object.keys(one).length === 1 ? one.fields : one))
}
