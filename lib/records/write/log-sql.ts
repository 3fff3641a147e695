// Parts of a write statement that log the changes of records, for entities that ask for it; others get the same text as ever.
// They belong to the statement that writes the records, its part `r`, so that log and records always agree. What a record was
// before comes from the part `o`, or with a deletion from `r` itself.
import type { Parameters } from '../../db/parameters.ts'
import type { Entity } from '../../entities/entity.ts'
import { keptOf } from '../../entities/logged.ts'
import type { WriteScope } from './written-row.ts'

const OWN = 'tenant_id, entity_id, id, version, op, schema, actor, kept'

const REPLACED = 'was, was_at, was_by'

/** Whether the statement has to log what it writes. */
export const isLogged = ({ entity }: Pick<WriteScope, 'entity'>): boolean => keptOf(entity) !== undefined

function ownColumns({ entity, author }: WriteScope, op: string, p: Parameters): string {
  const by = `${p.add(entity.version)}::int, ${p.add(author)}::uuid`
  return `r.tenant_id, r.entity_id, r.id, r.version, '${op}'::"char", ${by}, '${keptOf(entity)}'::"char"`
}

/** Logs the records that `r` has inserted; restored: those that were deleted before. */
export function insertedPart(context: WriteScope, restored: boolean, p: Parameters): string[] {
  if (!isLogged(context)) return []
  const columns = ownColumns(context, restored ? 'r' : 'c', p)
  return [`logged as (insert into change (${OWN}) select ${columns} from r)`]
}

/** Columns of a record `o` as it is before `r` updates it. */
const OLD = 'o.data as old, o.updated_at as old_at, o.updated_by as old_by'

/** As OLD; unpacked once, since each key would be taken out of it anew. */
const OLD_UNPACKED = OLD.replace('o.data', "o.data || '{}'::jsonb")

/** How the update `r` of one record brings the record as it was before. */
export interface WithOld {
  /** Follows what is set. */
  source: string
  /** Follows the condition. */
  condition: string
  /** What `r` returns. */
  columns: string
}

const RETURNED: WithOld = { source: '', condition: '', columns: `r.*, ${OLD.replaceAll('o.', 'old.')}` }

/**
 * For one record that nobody has locked, by its id: from what the update replaces, or else with the record as `o`. Where another
 * writer has replaced that one meanwhile, PostgreSQL looks at the condition again, and the row is another one: then nothing is
 * updated, and has to be tried again with a lock.
 */
export function withOld({ scope, entity }: WriteScope, id: string, p: Parameters): WithOld {
  if (scope.returnsOld) return RETURNED
  const owned = `o.tenant_id = ${p.add(scope.id)} and o.entity_id = ${p.add(entity.id)}`
  const condition = ` and ${owned} and o.id = ${p.add(id)} and o.xmin = r.xmin`
  return { source: ' from record as o', condition, columns: `r.*, ${OLD}` }
}

/**
 * The part `o`: records that the transaction has locked already, as they are before `r` updates them. `r` does not read from it,
 * and what `r` has updated first could not be locked by the same statement.
 */
export function lockedPart(condition: string): string {
  return `o as materialized (select o.id, ${OLD_UNPACKED} from (select * from record as r where ${condition}) o)`
}

/** Logs the records that `r` has updated, with the old columns that it returns, or that the part `o` has. */
export function updatedPart(
  context: WriteScope,
  { touched, from }: { touched: readonly string[]; from: 'r' | 'o' },
  p: Parameters,
): string {
  const columns = ownColumns(context, 'u', p)
  const old = `${wasSql(touched, from, p)}, ${from}.old_at, ${from}.old_by`
  const source = from === 'r' ? 'r' : 'r join o on o.id = r.id'
  return `logged as (insert into change (${OWN}, ${REPLACED}) select ${columns}, ${old} from ${source})`
}

/** Touched keys up to which each has SQL of its own, which costs less than a list. */
const FEW = 3

/** SQL of the former values of those of the keys whose values have changed. */
function wasSql(touched: readonly string[], from: string, p: Parameters): string {
  const isChanged = (key: string) => `${from}.old -> ${key} is distinct from r.data -> ${key}`
  if (touched.length > FEW)
    return `(select coalesce(jsonb_object_agg(k, ${from}.old -> k), '{}') from unnest(${p.add(touched)}::text[]) k
      where ${isChanged('k')})`
  const each = touched.map((key) => {
    const k = `${p.add(key)}::text`
    return `case when ${isChanged(k)} then jsonb_build_object(${k}, ${from}.old -> ${k}) else '{}' end`
  })
  return each.join(' || ')
}

const DELETED = `${REPLACED}, made_at, made_by`

const LAST_STATE = 'r.data, r.updated_at, r.updated_by, r.created_at, r.created_by'

/** Logs the records that `r` has deleted. */
export function deletedPart(context: WriteScope, p: Parameters): string[] {
  if (!isLogged(context)) return []
  const columns = ownColumns(context, 'd', p).replace('r.version', 'r.version + 1')
  return [`logged as (insert into change (${OWN}, ${DELETED}) select ${columns}, ${LAST_STATE} from r)`]
}

/** As deletedPart, for records of several entities. */
export function deletedAmongPart(
  { entities, author }: { entities: readonly Entity[]; author: string | null },
  p: Parameters,
): string[] {
  const logged = entities.filter((entity) => keptOf(entity) !== undefined)
  if (logged.length === 0) return []
  const lists = [
    p.add(
      logged.map(({ id }) => id),
      'bigint[]',
    ),
    p.add(
      logged.map(({ version }) => version),
      'int[]',
    ),
    p.add(
      logged.map((entity) => keptOf(entity)),
      'text[]',
    ),
  ]
  return [
    `logged as (insert into change (${OWN}, ${DELETED})
      select r.tenant_id, r.entity_id, r.id, r.version + 1, 'd'::"char", e.schema, ${p.add(author)}::uuid, e.kept::"char", ${LAST_STATE}
      from r join unnest(${lists.join(', ')}) as e(id, schema, kept) on e.id = r.entity_id)`,
  ]
}
