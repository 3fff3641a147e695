// What of a tenant is carried to another server, table by table, in the order in which it can be stored; and why the rest stays
// behind. A test wants every table of a tenant in one of the two.

/** Columns by the kind of their values; `?`: null is a value, too. */
export type Kind = 'uuid' | 'text' | 'timestamptz' | 'boolean' | 'integer' | 'bigint' | 'jsonb'

export interface CarriedTable {
  columns: Readonly<Record<string, Kind | `${Kind}?`>>
  /** Which rows; default: all of the tenant. */
  where?: string
  order: string
}

const OF_LIVE_ENTITY = 'entity_id in (select id from entity where tenant_id = $1 and deleted_at is null)'

export const CARRIED = {
  role: { columns: { name: 'text', description: 'text?', created_at: 'timestamptz' }, order: 'name' },
  account: {
    columns: {
      id: 'uuid',
      username: 'text',
      password_hash: 'text',
      role: 'text',
      active: 'boolean',
      created_at: 'timestamptz',
      updated_at: 'timestamptz',
    },
    order: 'id',
  },
  role_default: { columns: { role: 'text', access: 'text' }, order: 'role' },
  upload_right: { columns: { role: 'text', allowed: 'boolean' }, order: 'role' },
  entity: {
    columns: {
      id: 'bigint',
      name: 'text',
      version: 'integer',
      definition: 'jsonb',
      created_at: 'timestamptz',
      updated_at: 'timestamptz',
    },
    where: 'deleted_at is null',
    order: 'id',
  },
  entity_version: {
    columns: {
      entity_id: 'bigint',
      version: 'integer',
      name: 'text',
      definition: 'jsonb',
      summary: 'jsonb',
      created_at: 'timestamptz',
      created_by: 'uuid?',
      author: 'text?',
    },
    where: OF_LIVE_ENTITY,
    order: 'entity_id, version',
  },
  permission: {
    columns: { entity_id: 'bigint', role: 'text', definition: 'jsonb', updated_at: 'timestamptz' },
    where: OF_LIVE_ENTITY,
    order: 'entity_id, role',
  },
  record: {
    columns: {
      entity_id: 'bigint',
      id: 'uuid',
      version: 'integer',
      created_at: 'timestamptz',
      updated_at: 'timestamptz?',
      created_by: 'uuid?',
      updated_by: 'uuid?',
      data: 'jsonb',
      // Of files: who has uploaded them, and when the last record has let go of them. Of records they are derived again.
      k1: 'text?',
      k2: 'text?',
    },
    where: `(entity_id = 0 or ${OF_LIVE_ENTITY})`,
    order: 'entity_id, id',
  },
  audit: {
    columns: {
      id: 'uuid',
      created_at: 'timestamptz',
      actor_id: 'uuid?',
      actor: 'text',
      action: 'text',
      target: 'text?',
      details: 'jsonb',
    },
    order: 'id',
  },
} as const satisfies Record<string, CarriedTable>

export type CarriedName = keyof typeof CARRIED

export const CARRIED_NAMES = Object.keys(CARRIED) as CarriedName[]

/** The tables with rows of tenants that stay behind, and why. */
export const LEFT: Readonly<Record<string, string>> = {
  directory: 'made with the tenant',
  failed_attempt: 'of the present minute',
  link: 'derived from the records',
  quota_part: 'counted again',
  change: 'history begins anew on the other server',
  logged_entity: 'history begins anew on the other server',
  change_sweep: 'of the whole server',
  slot_fill: 'slots are filled at once',
  key_fill: 'keys are derived at once',
  conversion: 'changes under way are not carried',
  misfit: 'found again',
  field_purge: 'values of dropped fields are not carried',
  entity_deletion: 'deleted entities are not carried',
  name_alias: 'former names end with the move',
  plan: 'changes under way are not carried',
  refresh_token: 'sessions end with the move',
  api_key: 'keys name the tenant that they were made for',
  request_window: 'of the present minute',
  stranger_window: 'of the present hour',
}
