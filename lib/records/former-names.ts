// Former names in requests for records: which ones the caller may use, of the entity and of those it embeds.
import type { Entity, FieldAlias } from '../entities/entity.ts'
import type { FormerNames, NamedEntity } from '../query/former-names.ts'
import type { Actor } from './actor.ts'

/** Former name -> present name, of entities. */
export type EntityNames = ReadonlyMap<string, string>

/** The former names of the fields that the caller may read or write. */
export function aliasesFor({ policyOf }: Pick<Actor, 'policyOf'>, entity: Entity): FieldAlias[] {
  if (entity.aliases === undefined) return []
  const { visible, settable } = policyOf(entity)
  const known = new Set([...visible.fields, ...settable.fields].map(({ key }) => key))
  return entity.aliases.filter(({ key }) => known.has(key))
}

function readableNames({ policyOf }: Actor, entity: Entity): FormerNames {
  if (entity.aliases === undefined) return new Map()
  const names = new Map(policyOf(entity).visible.fields.map(({ key, name }) => [key, name]))
  return new Map(
    entity.aliases.flatMap(({ name, key }) => (names.has(key) ? [[name, names.get(key) as string]] : [])),
  )
}

/** The entity as far as this caller may name it and what it embeds. */
export function namedEntity(actor: Actor, entity: Entity, entityNames: EntityNames): NamedEntity {
  const formerNames = readableNames(actor, entity)
  const reach = (name: string | undefined) => {
    const target = name === undefined ? undefined : actor.entities.get(name)
    const mayRead = target !== undefined && actor.policyOf(target).read !== false
    return mayRead ? namedEntity(actor, target, entityNames) : undefined
  }
  return {
    formerNames,
    embedded: (name) => {
      const present = formerNames.get(name) ?? name
      const field = actor
        .policyOf(entity)
        .visible.fields.find((one) => one.name === present && one.entity !== undefined)
      const presentName = field === undefined ? entityNames.get(name) : undefined
      const target = reach(field === undefined ? (presentName ?? name) : String(field.entity))
      if (target === undefined) return undefined
      return presentName === undefined ? { entity: target } : { entity: target, presentName }
    },
  }
}
