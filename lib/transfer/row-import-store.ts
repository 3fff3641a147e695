// Stores the rows of an export, batch by batch: checked, with new ids of entities, and with all that follows from records. Links
// come last, when all that they lead to is there.
import type pg from 'pg'
import { type Entity, FILES } from '../entities/entity.ts'
import { StartError } from '../errors/start-error.ts'
import { isUuid } from '../fields/uuid.ts'
import { checkDefinition, checkRelations } from './definition-check.ts'
import {
  checkAccount,
  checkPermission,
  checkRole,
  checkRoleDefault,
  checkUploadRight,
} from './people-check.ts'
import { checkFile, createRecordCheck, type RecordCheck } from './record-check.ts'
import { type Row, readRows, refuseRow } from './row-check.ts'
import { CARRIED, type CarriedName, type CarriedTable } from './tables.ts'

const BATCH = 500

/** Columns that are derived on arrival, with their types. */
const DERIVED: Partial<Record<CarriedName, Record<string, string>>> = {
  account: { username_key: 'text' },
  record: {
    keys: 'jsonb',
    ...Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`k${at + 3}`, 'text'])),
    ...Object.fromEntries(Array.from({ length: 4 }, (_, at) => [`u${at + 1}`, 'text'])),
  },
}

interface Link {
  from_entity: number
  from_id: unknown
  field: string
  /** Null: a file. */
  target: string | null
  to_id: string
}

interface Known {
  entity: Entity
  check: RecordCheck
}

export class RowImport {
  readonly #client: pg.Client
  readonly #tenantId: string
  /** By their ids in the export. */
  readonly #entities = new Map<number, Known>()
  readonly #byName = new Map<string, Entity>()
  #hasLinks = false

  constructor(client: pg.Client, tenantId: string) {
    this.#client = client
    this.#tenantId = tenantId
  }

  /** Stores the rows of an entry; how many they were. StartError for a row that cannot be. */
  async insert(table: CarriedName, content: Buffer): Promise<number> {
    let count = 0
    let batch: Row[] = []
    for (const row of readRows(table, content)) {
      count += 1
      batch.push(row)
      if (batch.length < BATCH) continue
      await this.#store(table, batch)
      batch = []
    }
    if (batch.length > 0) await this.#store(table, batch)
    return count
  }

  /** Stores the links; StartError when a record refers to one that is not there. */
  async finish(): Promise<void> {
    checkRelations(this.#byName)
    await this.#client.query(
      `insert into logged_entity (tenant_id, entity_id)
        select tenant_id, id from entity where tenant_id = $1 and definition ?| '{history,feed}'`,
      [this.#tenantId],
    )
    if (!this.#hasLinks) return
    const ids = Object.fromEntries([...this.#byName].map(([name, { id }]) => [name, id]))
    await this.#client.query(
      `insert into link (tenant_id, from_entity, from_id, field, to_entity, to_id)
        select distinct $1::uuid, from_entity, from_id, field,
          case when target is null then ${FILES} else ($2::jsonb ->> target)::bigint end, to_id from imported_link`,
      [this.#tenantId, JSON.stringify(ids)],
    )
  }

  async #store(table: CarriedName, rows: readonly Row[]): Promise<void> {
    if (table === 'entity') return this.#storeEntities(rows)
    const links: Link[] = []
    const stored = rows.flatMap((row) => this.#toStored(table, row, links))
    const { columns }: CarriedTable = CARRIED[table]
    const kinds = { ...mapKinds(columns), ...DERIVED[table] }
    await this.#insertRows(table, kinds, stored)
    if (links.length > 0) await this.#storeLinks(links)
  }

  #insertRows(table: string, kinds: Record<string, string>, rows: readonly Row[]) {
    const names = Object.keys(kinds).join(', ')
    const typed = Object.entries(kinds).map((pair) => pair.join(' '))
    const text = `insert into ${table} (tenant_id, ${names})
      select $1, ${names} from jsonb_to_recordset($2::jsonb) as x(${typed.join(', ')})`
    return this.#client.query(text, [this.#tenantId, JSON.stringify(rows)])
  }

  #toStored(table: CarriedName, row: Row, links: Link[]): Row[] {
    switch (table) {
      case 'role':
        return [checkRole(row)]
      case 'account':
        return [checkAccount(row)]
      case 'role_default':
        return [checkRoleDefault(row)]
      case 'upload_right':
        return [checkUploadRight(row)]
      case 'permission':
        return [{ ...checkPermission(row), entity_id: this.#known(table, row).entity.id }]
      case 'entity_version':
        return this.#toVersion(row)
      case 'record':
        return [row.entity_id === FILES ? toFile(row) : this.#toRecord(row, links)]
      default:
        return [row]
    }
  }

  #known(table: CarriedName, { entity_id }: Row): Known {
    return this.#entities.get(entity_id as number) ?? refuseRow(table, 'belongs to no entity of it')
  }

  /** A version that today's grammar does not take is left behind: nobody could go back to it. */
  #toVersion(row: Row): Row[] {
    const { entity } = this.#known('entity_version', row)
    try {
      const definition = checkDefinition(row.name as string, row.definition)
      const summary = [row.summary].flat().filter((line) => typeof line === 'string')
      return [{ ...row, entity_id: entity.id, definition, summary }]
    } catch (error) {
      if (error instanceof StartError) return []
      throw error
    }
  }

  #toRecord(row: Row, links: Link[]): Row {
    const { entity, check } = this.#known('record', row)
    const { data, derived } = check(row)
    for (const { field, entity: target, ids } of derived.links)
      for (const to_id of ids) links.push({ from_entity: entity.id, from_id: row.id, field, target, to_id })
    return { ...row, k1: null, k2: null, entity_id: entity.id, data, keys: derived.keys, ...derived.slots }
  }

  async #storeEntities(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      const { id: former, name, definition: given, ...rest } = row as Row & { id: number; name: string }
      const definition = checkDefinition(name, given)
      const { rows: inserted } = await this.#client.query<{ id: number }>(
        `insert into entity (tenant_id, name, definition, version, created_at, updated_at)
          values ($1, $2, $3, $4, $5, $6) returning id::float8 as id`,
        [this.#tenantId, name, JSON.stringify(definition), rest.version, rest.created_at, rest.updated_at],
      )
      const entity = { ...definition, tenantId: this.#tenantId, id: inserted[0]?.id, name } as Entity
      if (this.#entities.has(former) || former === FILES) refuseRow('entity', 'has the id of another')
      this.#entities.set(former, { entity, check: createRecordCheck(entity) })
      this.#byName.set(name, entity)
    }
  }

  async #storeLinks(links: readonly Link[]): Promise<void> {
    if (!this.#hasLinks) {
      await this.#client.query(`create temp table imported_link
        (from_entity bigint, from_id uuid, field text, target text, to_id uuid) on commit drop`)
    }
    this.#hasLinks = true
    await this.#client.query(
      `insert into imported_link select * from jsonb_to_recordset($1::jsonb)
        as x(from_entity bigint, from_id uuid, field text, target text, to_id uuid)`,
      [JSON.stringify(links)],
    )
  }
}

const mapKinds = (columns: CarriedTable['columns']): Record<string, string> =>
  Object.fromEntries(Object.entries(columns).map(([name, kind]) => [name, kind.replace('?', '')]))

/** A file's slots say who has uploaded it, and when the last record has let go of it. */
function toFile(row: Row): Row {
  const { k1, k2 } = row as { k1: string | null; k2: string | null }
  const isRight = (k1 === null || isUuid(k1)) && (k2 === null || !Number.isNaN(Date.parse(k2)))
  if (!isRight) return refuseRow('record', `(${row.id}) describes no file`)
  return { ...row, data: checkFile(row), keys: {} }
}
