// What is known of tenants, each at one epoch. Everything is read from the database under that epoch and kept for as
// long as the epoch is in force, so a request decides on one consistent state of metadata.
import { LRUCache } from 'lru-cache'
import type { Permissions } from '../access/permission.ts'
import { selectPermissions, toPermissions } from '../access/permission-store.ts'
import type { Policy } from '../access/policy.ts'
import { isAdmin } from '../auth/roles.ts'
import { errors } from '../errors.ts'
import { errorCode, STALE_EPOCH } from '../postgres/queryable.ts'
import type { PooledTenantDb } from '../postgres/tenant-db.ts'
import type { TenantSnapshot } from '../tenants/tenant.ts'
import type { Entity } from './entity.ts'
import { selectEntities, selectEntity, toEntity } from './entity-store.ts'
import { ENTITY_NAME } from './names.ts'
import { type RecordSchemas, recordSchemas } from './record-schema.ts'

/** Tenants, and entries of their metadata (an entity, an account): a few kilobytes each. */
const TENANTS = 20_000
const METADATA_ENTRIES = 20_000
/** Entity versions whose JSON Schemas are kept; the validators compiled from them, far larger, live as long. */
const COMPILED_ENTITIES = 300

const NOTHING_SAID: Permissions = new Map()

/** Something read at an epoch; reading it at another one takes its place, so a busy tenant's past does not pile up. */
interface Remembered {
  epoch: number
  value: Promise<unknown>
}

type Cache = LRUCache<string, Remembered>

/** Caches what a load resolves to at an epoch; a failure and a null are asked for again. */
function remember<T>(cache: Cache, key: string, epoch: number, load: () => Promise<T>): Promise<T> {
  const known = cache.get(key)
  if (known?.epoch === epoch) return known.value as Promise<T>
  const entry = { epoch, value: load() }
  cache.set(key, entry)
  const drop = () => cache.peek(key) === entry && cache.delete(key)
  entry.value.then((value) => value === null && drop(), drop)
  return entry.value
}

/** Tenants themselves are read at no epoch but bring it. */
const ANY_EPOCH = 0

export class SchemaRegistry {
  readonly #db: PooledTenantDb
  readonly #tenants: Cache = new LRUCache({ max: TENANTS })
  readonly #metadata: Cache = new LRUCache({ max: METADATA_ENTRIES })
  readonly #schemas = new LRUCache<string, { version: number; schemas: RecordSchemas }>({
    max: COMPILED_ENTITIES,
  })

  constructor(db: PooledTenantDb) {
    this.#db = db
  }

  /** The tenant's state as last read; null when there is none. */
  tenant(id: string): Promise<TenantSnapshot | null> {
    return remember(this.#tenants, id, ANY_EPOCH, () => this.#db.tenantById(id))
  }

  /** Takes over what the database has just said of a tenant. */
  learn(snapshot: TenantSnapshot): void {
    this.#tenants.set(snapshot.id, { epoch: ANY_EPOCH, value: Promise.resolve(snapshot) })
  }

  /** Drops a snapshot that the database has refused; the tenant is read anew when next asked for. */
  forget(snapshot: TenantSnapshot): void {
    this.#tenants.delete(snapshot.id)
  }

  /** Rejects with STALE_EPOCH unless the snapshot is the tenant's present state: for what is answered from memory alone. */
  async confirm(snapshot: TenantSnapshot): Promise<void> {
    await this.#db.read(snapshot, { text: 'select 1', values: [] })
  }

  /** Whether the snapshot is no longer the tenant's state; then it is forgotten. */
  async isStale(snapshot: TenantSnapshot): Promise<boolean> {
    try {
      await this.confirm(snapshot)
      return false
    } catch (error) {
      if (errorCode(error) !== STALE_EPOCH) throw error
      this.forget(snapshot)
      return true
    }
  }

  /** What `load` reads under the snapshot's epoch: read once for as long as the epoch is in force. */
  once<T>(snapshot: TenantSnapshot, key: string, load: () => Promise<T>): Promise<T> {
    return remember(this.#metadata, `${snapshot.id}:${key}`, snapshot.epoch, load)
  }

  /** The entity of that name; errors.entityNotFound. */
  async entity(snapshot: TenantSnapshot, name: string): Promise<Entity> {
    if (!ENTITY_NAME.test(name)) throw errors.entityNotFound(name)
    const entity = await this.once(snapshot, `entity:${name}`, async () => {
      const [row] = await this.#db.read(snapshot, selectEntity(snapshot.id, name))
      return row === undefined ? null : toEntity(snapshot.id, row)
    })
    if (entity === null) throw errors.entityNotFound(name)
    return entity
  }

  /** Every entity of the tenant, by name. */
  entities(snapshot: TenantSnapshot): Promise<Entity[]> {
    return this.once(snapshot, 'entities', async () => {
      const rows = await this.#db.read(snapshot, selectEntities(snapshot.id))
      return rows.map((row) => toEntity(snapshot.id, row))
    })
  }

  /** As `entities`, by name. */
  entitiesByName(snapshot: TenantSnapshot): Promise<ReadonlyMap<string, Entity>> {
    return this.once(snapshot, 'entities-by-name', async () => {
      const entities = await this.entities(snapshot)
      return new Map(entities.map((entity) => [entity.name, entity]))
    })
  }

  /** What the tenant has said of a role, for every entity; of admins nothing is ever said. */
  async permissions(snapshot: TenantSnapshot, role: string): Promise<Permissions> {
    if (isAdmin(role)) return NOTHING_SAID
    return this.once(snapshot, `permissions:${role}`, async () =>
      toPermissions(await this.#db.read(snapshot, selectPermissions(snapshot.id, role))),
    )
  }

  /**
   * The JSON Schemas of an entity version for whom the policy is: the same objects for as long as they are in use. Those
   * of an older version go when a newer one is asked for, and the validators compiled from them with them.
   */
  schemas(entity: Entity, { visible, settable, view }: Policy): RecordSchemas {
    const whole = visible === entity && settable === entity
    const key = `${entity.id}:${whole ? '' : view}`
    const known = this.#schemas.get(key)
    if (known?.version === entity.version) return known.schemas
    const { record } = recordSchemas(visible)
    const schemas = { ...recordSchemas(settable), record }
    this.#schemas.set(key, { version: entity.version, schemas })
    return schemas
  }
}
