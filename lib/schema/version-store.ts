// The versions of entities in the database: one row for each change of a definition, by the transaction that makes it.
import { column, columns, orNull } from '../db/columns.ts'
import type { TenantScope } from '../db/scope.ts'
import type { Queryable, Statement, TenantDb } from '../db/statement.ts'
import type { Entity, EntityDefinition } from '../entities/entity.ts'
import { errors } from '../errors.ts'

/** Who made a version: a caller, or null for the server itself. */
export type VersionAuthor = { id: string | null; username: string } | null

export interface EntityVersion {
  version: number
  /** The entity's name then. */
  name: string
  definition: EntityDefinition
  /** What changed, a sentence for each. */
  summary: string[]
  /** ISO 8601, UTC. */
  createdAt: string
  createdBy: string | null
  author: string | null
  /** The plan that was carried out. */
  plan: string | null
}

const VERSION_ROW = columns<EntityVersion>({
  version: column.integer('version'),
  name: column.text('name'),
  definition: column.json('definition'),
  summary: column.json('summary'),
  createdAt: column.timestamp('created_at'),
  createdBy: orNull(column.text('created_by')),
  author: orNull(column.text('author')),
  plan: orNull(column.text('plan')),
})

/**
 * Versions of an entity, newest first, from one on downwards. Ordered by `v.version`: `version` alone would be the text that
 * is selected under its name.
 */
const selectVersions = (
  { tenantId, id }: Pick<Entity, 'tenantId' | 'id'>,
  from: number,
  limit: number,
): Statement => ({
  text: `select ${VERSION_ROW.list} from entity_version v
    where v.tenant_id = $1 and v.entity_id = $2 and v.version <= $3 order by v.version desc limit $4`,
  values: [tenantId, id, from, limit],
})

/** Keeps the entity as it stands now as a version of its own; the oldest goes when there are too many. */
export async function insertVersion(
  tx: Queryable,
  entity: Entity,
  { author, plan }: { author: VersionAuthor; plan?: string | undefined },
  summary: readonly string[],
): Promise<void> {
  const { tenantId, id, name, version } = entity
  await tx.query(
    `insert into entity_version (tenant_id, entity_id, version, name, definition, summary, created_by, author, plan)
     select tenant_id, id, $3, $4, definition, $5, $6, $7, $8 from entity where tenant_id = $1 and id = $2
     on conflict do nothing`,
    [
      tenantId,
      id,
      version,
      name,
      JSON.stringify(summary),
      author?.id ?? null,
      author?.username ?? null,
      plan ?? null,
    ],
  )
  await tx.query('delete from entity_version where tenant_id = $1 and entity_id = $2 and version <= $3', [
    tenantId,
    id,
    version - MOST_KEPT,
  ])
}

type Database = Pick<TenantDb, 'read'>

const LATEST = 2 ** 31 - 1

/** Versions that are kept of an entity; a definition may have a megabyte. */
const MOST_KEPT = 200

/** Versions, newest first; `before`: only those below. */
export async function listVersions(
  db: Database,
  scope: TenantScope,
  entity: Entity,
  { limit, before = LATEST + 1 }: { limit: number; before?: number | undefined },
): Promise<EntityVersion[]> {
  const from = Math.min(before - 1, LATEST)
  return (await db.read(scope, selectVersions(entity, from, limit))).map(VERSION_ROW.decode)
}

/** The entity as it was at a version; errors.versionNotFound. */
export async function findVersion(
  db: Database,
  scope: TenantScope,
  entity: Entity,
  number: string,
): Promise<Entity> {
  const wanted = /^[1-9]\d{0,8}$/.test(number) ? Number(number) : 0
  const [found] = await listVersions(db, scope, entity, { limit: 1, before: wanted + 1 })
  if (found?.version !== wanted) throw errors.versionNotFound(number)
  const { definition, version, name, createdAt: updatedAt } = found
  return { ...entity, aliases: undefined, ...definition, name, version, updatedAt }
}
