// Deleting a record that others link to, by each link's on_delete: restrict refuses, cascade deletes the other record
// too, set_null takes the id out of it. Runs in one transaction; records that are being deleted are locked first, so no
// new link can appear meanwhile.
import { errors } from '../errors.ts'
import type { Queryable, Scope } from '../postgres/queryable.ts'
import type { Entity, Field } from '../schema/entity.ts'
import { changeOf } from './prepare.ts'
import { refersTo } from './targets.ts'
import { updateStatement } from './update-sql.ts'
import type { WriteContext } from './write.ts'

/** Records that one delete may take with it. */
const MAX_CASCADE = 10_000

interface RecordRef {
  entity: Entity
  id: string
}

interface Incoming extends RecordRef {
  /** The live field that holds the link; undefined when it has been dropped. */
  field: Field | undefined
  key: string
}

export interface DeleteContext {
  scope: Scope
  author: string
  /** Every entity of the tenant. */
  entities: readonly Entity[]
}

const keyOf = ({ entity, id }: RecordRef) => `${entity.id}:${id}`

/** The entities whose records a delete in `entity` may touch: those that refer to it, directly or through others. */
export function affectedEntities(entity: Entity, entities: readonly Entity[]): Entity[] {
  const affected = new Set([entity])
  for (const target of affected) {
    for (const other of entities) if (refersTo(other, target.name)) affected.add(other)
  }
  return [...affected]
}

async function lockRecord(tx: Queryable, scope: Scope, { entity, id }: RecordRef): Promise<void> {
  await tx.query('select from record where tenant_id = $1 and entity_id = $2 and id = $3 for update', [
    scope.id,
    entity.id,
    id,
  ])
}

async function incomingLinks(tx: Queryable, context: DeleteContext, target: RecordRef): Promise<Incoming[]> {
  const { rows } = await tx.query<{ from_entity: string; from_id: string; field: string }>(
    'select from_entity, from_id, field from link where tenant_id = $1 and to_entity = $2 and to_id = $3',
    [context.scope.id, target.entity.id, target.id],
  )
  return rows.flatMap(({ from_entity, from_id, field: key }) => {
    const entity = context.entities.find((e) => e.id === Number(from_entity))
    if (entity === undefined) return []
    return [{ entity, id: from_id, key, field: entity.fields.find((f) => f.key === key) }]
  })
}

/** Walks the links backwards: what goes, what only loses its reference, and what stands against it. */
async function planDelete(tx: Queryable, context: DeleteContext, roots: readonly RecordRef[]) {
  const doomed = new Map(roots.map((root) => [keyOf(root), root]))
  const loosened: { from: Incoming; to: RecordRef }[] = []
  const restricting: Incoming[] = []
  for (const target of doomed.values()) {
    await lockRecord(tx, context.scope, target)
    for (const from of await incomingLinks(tx, context, target)) {
      const action = from.field === undefined ? 'set_null' : (from.field.on_delete ?? 'restrict')
      if (action === 'cascade') doomed.set(keyOf(from), from)
      else if (action === 'set_null') loosened.push({ from, to: target })
      else restricting.push(from)
    }
    if (doomed.size > MAX_CASCADE) throw errors.cascadeTooLarge(MAX_CASCADE)
  }
  const survives = (ref: RecordRef) => !doomed.has(keyOf(ref))
  return {
    doomed: [...doomed.values()],
    loosened: loosened.filter(({ from }) => survives(from)),
    restricting: restricting.filter(survives),
  }
}

function restricted(restricting: readonly Incoming[]) {
  const names = [...new Set(restricting.map(({ entity, field }) => `${entity.name}.${field?.name}`))]
  return errors.referenceConflict(
    names.map((name) => ({
      pointer: '',
      keyword: 'reference',
      message: `cannot be deleted while ${name} of other records refers to it`,
    })),
  )
}

/** Takes one id out of the record that holds it. */
async function loosen(
  tx: Queryable,
  context: DeleteContext,
  from: Incoming,
  targetId: string,
): Promise<void> {
  const { entity, id, field } = from
  if (field !== undefined) {
    const { rows } = await tx.query<{ data: Record<string, unknown> }>(
      'select data from record where tenant_id = $1 and entity_id = $2 and id = $3 for update',
      [context.scope.id, entity.id, id],
    )
    const data = rows[0]?.data ?? {}
    const value = data[field.key]
    const rest = Array.isArray(value) ? value.filter((other) => other !== targetId) : null
    const targets = new Map(context.entities.map((other) => [other.name, other.id]))
    const change = changeOf(entity, data, { [field.key]: rest }, targets)
    const write: WriteContext = { ...context, entity, returning: () => "''" }
    const { text, values } = updateStatement(write, id, { ...change, touchedLinks: [] }, {})
    await tx.query(text, [...values])
  }
  await tx.query(
    'delete from link where tenant_id = $1 and from_entity = $2 and from_id = $3 and field = $4 and to_id = $5',
    [context.scope.id, entity.id, id, from.key, targetId],
  )
}

/** Deletes records and settles every link to them; errors.referenceConflict when one restricts. */
export async function deleteLinkedRecords(
  tx: Queryable,
  context: DeleteContext,
  roots: readonly RecordRef[],
): Promise<void> {
  const { doomed, loosened, restricting } = await planDelete(tx, context, roots)
  if (restricting.length > 0) throw restricted(restricting)
  for (const { from, to } of loosened) await loosen(tx, context, from, to.id)
  const refs = [context.scope.id, doomed.map(({ entity }) => entity.id), doomed.map(({ id }) => id)]
  // Links among the doomed go first: the check of a row's incoming links runs before the cascade of another's outgoing.
  await tx.query(
    `delete from link l using unnest($2::bigint[], $3::uuid[]) as d(entity_id, id)
     where l.tenant_id = $1 and l.from_entity = d.entity_id and l.from_id = d.id`,
    refs,
  )
  await tx.query(
    `delete from record r using unnest($2::bigint[], $3::uuid[]) as d(entity_id, id)
     where r.tenant_id = $1 and r.entity_id = d.entity_id and r.id = d.id`,
    refs,
  )
}
