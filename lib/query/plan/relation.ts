// Plan: resolves the name of an embedded entity to a relation: a relation field of this entity (by the field's name, or that
// of its target) or a file field, a relation field of the other one, or an entity in between that refers to both. Refuses a
// name without a visible relation, and one with several.

import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { Field } from '../../fields/field.ts'
import type { SelectEmbed } from '../ast.ts'
import type { Relation } from './condition.ts'
import type { PlanContext } from './context.ts'
import { filesEntity } from './file-columns.ts'

/** The types of fields that lead to another entity. */
const LEADING: ReadonlySet<string> = new Set(['relation', 'file'])

type Target = Pick<SelectEmbed, 'name' | 'hint'>

/** The relation of an embed, for this caller; errors.unknownRelation, errors.ambiguousRelation. */
export function findRelation(target: Target, context: PlanContext): Relation {
  const direct = directRelations(target, context)
  const found = direct.length > 0 ? direct : relationsThrough(target, context)
  const [only, ...more] = found
  if (only === undefined) throw errors.unknownRelation(context.entity.name, target.name, reachable(context))
  if (more.length > 0)
    throw errors.ambiguousRelation(
      context.entity.name,
      target.name,
      found.map((one) => hintOf(one, found)),
    )
  return only
}

function directRelations({ name, hint }: Target, context: PlanContext): Relation[] {
  const forward = relationFields(context.entity, context).flatMap((field) => toForward(field, context))
  const byField = forward.filter(({ field }) => field.name === name)
  if (byField.length > 0 && (hint === undefined || hint === name)) return byField
  // From an entity to itself a field's name leads forward, the entity's name backward.
  const byEntity = forward.filter(({ target, from }) => target.name === name && target.id !== from.id)
  return [...byEntity, ...backwardRelations(name, context)].filter(
    ({ field }) => hint === undefined || field.name === hint,
  )
}

function backwardRelations(name: string, context: PlanContext): Relation[] {
  const target = context.lookup(name)
  if (target === undefined) return []
  return pointingTo(context.entity, target, context).map((field) => {
    const single = field.unique === true && field.many !== true
    return { kind: 'backward', from: context.entity, target, field, single }
  })
}

function relationsThrough({ name, hint }: Target, context: PlanContext): Relation[] {
  const target = context.lookup(name)
  if (target === undefined) return []
  return [...(context.entities?.() ?? [])]
    .filter((entity) => entity.id !== target.id && entity.id !== context.entity.id)
    .flatMap((entity) => throughEntity(entity, target, context))
    .filter((relation) => hint === undefined || hintsOf(relation).includes(hint))
}

function throughEntity(entity: Entity, target: Entity, context: PlanContext): Relation[] {
  const from = context.entity
  return pointingTo(from, entity, context).flatMap((field) =>
    pointingTo(target, entity, context)
      .filter((to) => to !== field)
      .map(
        (to): Relation => ({ kind: 'through', from, target, field, through: { entity, to }, single: false }),
      ),
  )
}

/** A caller who may read a file field may read the files in it. */
function toForward(field: Field, context: PlanContext): Relation[] {
  const { tenantId } = context.entity
  const target = field.type === 'file' ? filesEntity(tenantId) : context.lookup(String(field.entity))
  if (target === undefined) return []
  return [{ kind: 'forward', from: context.entity, target, field, single: field.many !== true }]
}

function pointingTo(entity: Entity, from: Entity, context: PlanContext): Field[] {
  return relationFields(from, context).filter((field) => field.entity === entity.name)
}

function relationFields(entity: Entity, context: PlanContext): Field[] {
  return entity.fields.filter((field) => LEADING.has(field.type) && context.readable(field, entity))
}

/** The hints after `!` for this relation: its field, or the entity in between and its fields. */
function hintsOf({ field, through }: Relation): string[] {
  return through === undefined ? [field.name] : [through.entity.name, through.to.name, field.name]
}

/** The first hint that no other of the relations found has. */
function hintOf(relation: Relation, found: readonly Relation[]): string {
  const hints = hintsOf(relation)
  const own = hints.find((hint) => found.filter((other) => hintsOf(other).includes(hint)).length === 1)
  const hint = own ?? (hints[0] as string)
  return hint === 'inner' || hint === 'left' ? `"${hint}"` : hint
}

function reachable(context: PlanContext): string[] {
  return relationFields(context.entity, context).map(({ name }) => name)
}
