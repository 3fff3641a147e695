// What is known of tenants, each at one epoch. Everything is read from the database under that epoch and kept for as
// long as the epoch is in force, so a request decides on one consistent state of metadata.
import { LRUCache } from 'lru-cache'
import type { Permissions } from '../../access/permission.ts'
import { selectPermissions, toPermissions } from '../../access/permission-store.ts'
import type { Policy } from '../../access/policy.ts'
import { isAdmin } from '../../access/roles.ts'
import { Doorkeeper } from '../../cache/doorkeeper.ts'
import { EpochCache } from '../../cache/epoch-cache.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { TenantSnapshot } from '../../db/tenant.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'
import { ENTITY_NAME, type Entity } from '../../entities/entity.ts'
import { errorCode, STALE_EPOCH } from '../../errors/codes.ts'
import { errors } from '../../errors.ts'
import { ALIAS_ROW, type FormerName, selectEntityAliases, selectTenantAliases } from '../alias-store.ts'
import { selectEntities, selectEntity, selectEntityById, toEntity } from '../entity-store.ts'
import { type RecordSchemas, recordSchemas } from '../json-schema/record-schemas.ts'
import { EntityCache } from './entity-cache.ts'

const MEGABYTE = 2 ** 20

/** Tenants: some 50,000 of them. */
const TENANTS = 32 * MEGABYTE

/** Accounts, permissions, lists of entities. */
const METADATA = 32 * MEGABYTE

/** Characters of the definitions whose JSON Schemas are kept: some 1,000. A compiled validator takes a hundred times as much. */
const DESCRIBED = MEGABYTE / 2

const REMEMBERED = 1024

/** Those of admins, of whom nothing is stored. */
const PERMISSIONS_OF_ADMINS = toPermissions('admin', [])

/** Tenants themselves are read at no epoch but bring it. */
const ANY_EPOCH = 0

/** Characters of a definition, or nearly. */
const lengthOf = ({ fields }: Entity) => JSON.stringify(fields).length

/** Objects take some five times the text they were read from. */
const sizeOfEntities = (entities: readonly Entity[]) =>
  entities.reduce((sum, one) => sum + 5 * lengthOf(one), 0)

export class SchemaRegistry {
  readonly #db: Pick<TenantDb, 'read'>
  readonly #directory: Pick<TenantDirectory, 'tenantById'>
  readonly #tenants = new EpochCache(TENANTS)
  readonly #metadata = new EpochCache(METADATA)
  readonly #entities = new EntityCache()
  /** What is being read, so that many who want it at once read it once. */
  readonly #loading = new Map<string, Promise<Entity | undefined>>()
  readonly #described = new Doorkeeper(REMEMBERED)
  readonly #schemas = new LRUCache<string, { version: string; schemas: RecordSchemas }>({
    maxSize: DESCRIBED,
  })

  constructor(db: Pick<TenantDb, 'read'>, directory: Pick<TenantDirectory, 'tenantById'>) {
    this.#db = db
    this.#directory = directory
  }

  /** The tenant's state as last read; null when there is none. */
  tenant(id: string): Promise<TenantSnapshot | null> {
    return this.#tenants.cached(id, ANY_EPOCH, () => this.#directory.tenantById(id))
  }

  /** Takes over what the database has just said of a tenant. */
  remember(snapshot: TenantSnapshot): void {
    this.#tenants.remember(snapshot.id, ANY_EPOCH, snapshot)
  }

  /** Drops a snapshot that the database has refused; the tenant is read again when it is next needed. */
  evict(snapshot: TenantSnapshot): void {
    this.#tenants.evict(snapshot.id)
  }

  /** Rejects with STALE_EPOCH unless the snapshot is the tenant's present state: for what is answered from memory alone. */
  async confirm(snapshot: TenantSnapshot): Promise<void> {
    await this.#db.read(snapshot, { text: 'select 1', values: [], cost: 'row' })
  }

  /** Whether the snapshot is no longer the tenant's state; then it is forgotten. */
  async isStale(snapshot: TenantSnapshot): Promise<boolean> {
    try {
      await this.confirm(snapshot)
      return false
    } catch (error) {
      if (errorCode(error) !== STALE_EPOCH) throw error
      this.evict(snapshot)
      return true
    }
  }

  /**
   * What `load` reads under the snapshot's epoch: read once for as long as the epoch is in force.
   *
   * @param sizeOf the bytes that it takes, unless it is small
   */
  cached<T>(
    snapshot: TenantSnapshot,
    key: string,
    load: () => Promise<T>,
    sizeOf?: (value: T) => number,
  ): Promise<T> {
    return this.#metadata.cached(`${snapshot.id}:${key}`, snapshot.epoch, load, sizeOf)
  }

  /** The entity of that name; errors.entityNotFound. */
  async entity(snapshot: TenantSnapshot, name: string): Promise<Entity> {
    if (!ENTITY_NAME.test(name)) throw errors.entityNotFound(name)
    const known = this.#entities.get(`${snapshot.id}/${name}`, snapshot)
    const entity = known ?? (await this.#load(snapshot, name))
    if (entity === undefined) throw errors.entityNotFound(name)
    return entity
  }

  #load(snapshot: TenantSnapshot, name: string): Promise<Entity | undefined> {
    const key = `${snapshot.id}/${name} ${snapshot.epoch}`
    const underWay = this.#loading.get(key)
    if (underWay !== undefined) return underWay
    const loading = this.#read(snapshot, name).finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }

  async #read(snapshot: TenantSnapshot, name: string): Promise<Entity | undefined> {
    const [row] = await this.#db.read(snapshot, selectEntity(snapshot.id, name))
    if (row === undefined) return this.#readFormer(snapshot, name)
    return row && this.#entities.add(`${snapshot.id}/${name}`, snapshot, row)
  }

  /** The entity that was called so before; no hit costs anything of it. */
  async #readFormer(snapshot: TenantSnapshot, name: string): Promise<Entity | undefined> {
    const [alias] = (await this.#db.read(snapshot, selectEntityAliases(snapshot.id, name))).map(
      ALIAS_ROW.decode,
    )
    if (alias === undefined) return undefined
    const [row] = await this.#db.read(snapshot, selectEntityById(snapshot.id, alias.entityId))
    return row && this.#entities.add(`${snapshot.id}/${name}`, snapshot, row)
  }

  /** The former names that are in force in the tenant, of entities and of their fields. */
  formerNames(snapshot: TenantSnapshot): Promise<FormerName[]> {
    return this.cached(snapshot, 'former-names', async () => {
      const aliases = (await this.#db.read(snapshot, selectTenantAliases(snapshot.id))).map(ALIAS_ROW.decode)
      if (aliases.length === 0) return []
      const names = new Map((await this.entities(snapshot)).map(({ id, name }) => [id, name]))
      return aliases.flatMap((alias) => {
        const present = names.get(alias.entityId)
        return present === undefined ? [] : [{ ...alias, present }]
      })
    })
  }

  /** Every entity of the tenant, by name. */
  entities(snapshot: TenantSnapshot): Promise<Entity[]> {
    const load = async () => {
      const rows = await this.#db.read(snapshot, selectEntities(snapshot.id))
      return rows.map((row) => toEntity(snapshot.id, row))
    }
    return this.cached(snapshot, 'entities', load, sizeOfEntities)
  }

  /** As `entities`, by name. */
  entitiesByName(snapshot: TenantSnapshot): Promise<ReadonlyMap<string, Entity>> {
    return this.cached(snapshot, 'entities-by-name', async () => {
      const entities = await this.entities(snapshot)
      return new Map(entities.map((entity) => [entity.name, entity]))
    })
  }

  /** What a role may do with every entity: what the tenant has said of it, else the default. */
  async permissions(snapshot: TenantSnapshot, role: string): Promise<Permissions> {
    if (isAdmin(role)) return PERMISSIONS_OF_ADMINS
    return this.cached(snapshot, `permissions:${role}`, async () =>
      toPermissions(role, await this.#db.read(snapshot, selectPermissions(snapshot.id, role))),
    )
  }

  /**
   * The JSON Schemas of an entity version for whom the policy is: from the second time on the same objects for as long
   * as they are in use. Those of an older version go when a newer one is asked for, and the validators compiled from
   * them with them.
   */
  schemas(
    entity: Entity,
    { visible, settable, view }: Pick<Policy, 'visible' | 'settable' | 'view'>,
  ): RecordSchemas {
    const whole = visible === entity && settable === entity
    const key = `${entity.id}:${whole ? '' : view}`
    const known = this.#schemas.get(key)
    // A former name ends without a new version.
    const version = `${entity.version} ${entity.shape}`
    if (known?.version === version) return known.schemas
    const schemas = recordSchemas(settable, visible)
    if (this.#described.passes(entity.id))
      this.#schemas.set(key, { version, schemas }, { size: lengthOf(entity) })
    return schemas
  }
}
