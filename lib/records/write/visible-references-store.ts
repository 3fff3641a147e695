// Relations of records that are about to be stored: a target that the caller may not see is as missing as one that
// does not exist, in the same words. Costs nothing for callers who may read all of what the entity points to.

import { conditionOf } from '../../access/policy.ts'
import { Parameters } from '../../db/parameters.ts'
import type { StoredData } from '../../entities/derived-columns.ts'
import { type Entity, FILES } from '../../entities/entity.ts'
import { targetsOf } from '../../entities/references.ts'
import { conditionSql } from '../../query/sql/condition.ts'
import { Row } from '../../query/sql/row.ts'
import { ownerSql } from '../../query/sql/scope.ts'
import type { Actor } from '../actor.ts'
import type { StoredPatch } from '../stored-data.ts'
import { changeOf, columnsOf, type TargetIds } from './column-changes.ts'
import { targetConflict } from './conflicts.ts'
import type { TransactionContext } from './transaction-stores.ts'
import { writeScope } from './write-context.ts'
import type { LinkRow } from './written-row.ts'

/** Records of one entity among these ids that the caller may see: rows of [entity id, record id]. */
function visibleSql(actor: Actor, entity: Entity, ids: readonly string[], params: Parameters): string {
  const row = new Row(params)
  const condition = conditionOf(actor.policyOf(entity).read)
  const where = [
    ownerSql(entity, row),
    `r.id = any(${row.bind(ids, 'uuid[]')})`,
    ...(condition === undefined ? [] : [conditionSql(condition, row)]),
  ]
  return `select r.entity_id::text, r.id::text from record r where ${where.join(' and ')}`
}

async function targetEntities(
  { registry }: TransactionContext,
  { caller, entity }: Actor,
): Promise<Entity[]> {
  return Promise.all(targetsOf(entity).map((name) => registry.entity(caller.tenant, name)))
}

const nameOf = ({ field, toEntity, toId }: LinkRow) => `${field}:${toEntity}:${toId}`

/**
 * The links that a change brings. One that the record has, in a field that the caller reads, is nothing new: he may send
 * it back even when he cannot see what it leads to.
 */
export function addedLinks(
  { entity, policy }: Actor,
  current: StoredData,
  patch: StoredPatch,
  targets: TargetIds,
): LinkRow[] {
  const readable = new Set(entity.fields.filter(policy.readable).map(({ key }) => key))
  const had = columnsOf(entity, current, targets).links.filter(({ field }) => readable.has(field))
  const known = new Set(had.map(nameOf))
  return changeOf(entity, {}, patch, targets).links.filter((link) => !known.has(nameOf(link)))
}

/** errors.referenceConflict names every target that the caller cannot see; a default that he may not change is not his. */
export async function requireVisibleTargets(
  stores: TransactionContext,
  actor: Actor,
  rows: readonly { links: readonly LinkRow[] }[],
): Promise<void> {
  const settable = new Set(actor.policy.settable.fields.map(({ key }) => key))
  const isChosen = ({ toEntity, field }: LinkRow) => toEntity !== FILES && settable.has(field)
  const chosen = rows.map((row) => ({ links: row.links.filter(isChosen) }))
  const links = chosen.flatMap((row) => row.links)
  if (links.length === 0) return
  const targets = await targetEntities(stores, actor)
  if (targets.every((target) => actor.policyOf(target).read === true)) return
  const params = new Parameters()
  const selects = targets.map((target) => {
    const ids = links.filter(({ toEntity }) => toEntity === target.id).map(({ toId }) => toId)
    return visibleSql(actor, target, ids, params)
  })
  const text = selects.join(' union all ')
  const found = await stores.db.read(actor.caller.tenant, { text, values: params.values })
  const visible = new Set(found.map(([entity, id]) => `${entity}:${id}`))
  if (links.every(({ toEntity, toId }) => visible.has(`${toEntity}:${toId}`))) return
  throw targetConflict(writeScope(actor), chosen, found)
}
