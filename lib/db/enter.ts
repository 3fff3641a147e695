// How a statement enters its tenant: a read by a plain statement, which costs less than a function; a write, which waits for
// locks, by a function, since only that sees what was committed meanwhile. It answers whether the scope's epoch is the
// tenant's. An old one is no error, which PostgreSQL would log: what a read answers is discarded, and a write is then in no
// tenant, where it finds no rows and adds none.
import { STALE_EPOCH } from '../errors/codes.ts'

/** Sets what the `case` lists, in this order, before it looks at the epoch. */
const entering = (settings: string) =>
  `select case when ${settings} is not null
    then coalesce((select true from tenant where id = $1::uuid and epoch = $2::bigint), false) end`

const TENANT = "set_config('app.tenant_id', $1::uuid::text, true)"

/** With the tenant's id and the epoch as parameters. */
export const ENTER_READ = entering(TENANT)

/** As ENTER_READ, for a statement whose right plan depends on its values: it is planned with them. */
export const ENTER_READ_PLANNING = entering(
  `${TENANT} || set_config('plan_cache_mode', 'force_custom_plan', true)`,
)

/** With the tenant's id, the epoch and the ids of entities as parameters. */
export const ENTER_WRITE = 'select admit_write($1, $2, $3)'

/** As ENTER_WRITE; what would wait long for a lock fails from here on. */
export const ENTER_WRITE_BRIEFLY =
  "select case when set_config('lock_timeout', '50ms', true) is not null then admit_write($1, $2, $3) end"

/** With the tenant's id and the epoch as parameters. */
export const ENTER_CHANGE = 'select admit_change($1, $2)'

/** The statements that enter a tenant on one connection. */
export interface Enters {
  read: string
  readPlanning: string
  write: string
  writeBriefly: string
  change: string
  stream: string
}

export const ENTERS: Enters = {
  read: ENTER_READ,
  readPlanning: ENTER_READ_PLANNING,
  write: ENTER_WRITE,
  writeBriefly: ENTER_WRITE_BRIEFLY,
  change: ENTER_CHANGE,
  stream: ENTER_READ,
}

/**
 * On the node of Citus that holds a group of shards: they stay there until the transaction ends. A stream, which may take long,
 * holds nothing and reads from one snapshot.
 */
export function entersOfShard(shard: string): Enters {
  const held = (enter: string) => `select case when hold_shard(${shard}) then (${enter}) end`
  return {
    read: held(ENTER_READ),
    readPlanning: held(ENTER_READ_PLANNING),
    write: held(ENTER_WRITE),
    writeBriefly: `select case when set_config('lock_timeout', '50ms', true) is not null and hold_shard(${shard})
      then admit_write($1, $2, $3) end`,
    change: held(ENTER_CHANGE),
    stream: `select case when shard_is_here(${shard}) then (${ENTER_READ}) end`,
  }
}

const ELSEWHERE = 'select admit_elsewhere($1, $2)'

/** At the coordinator, for what operators do in tenants that may be on any node. */
export const ENTERS_ELSEWHERE: Enters = {
  ...ENTERS,
  read: ELSEWHERE,
  readPlanning: ELSEWHERE,
  write: 'select case when $3::bigint[] is not null then admit_elsewhere($1, $2) end',
}

/**
 * The condition under which a statement inserts: not after a refused epoch, where row-level security would raise an error.
 * It has no part in what is allowed.
 */
export const IS_ADMITTED = 'app_tenant() is not null'

/** What the first column of an answer to an enter, as text, refuses the epoch with: false, as PostgreSQL writes it. */
export const REFUSED = 'f'

/** The error of a statement whose epoch was refused. */
export function staleEpoch(): Error {
  return Object.assign(new Error('stale epoch'), { code: STALE_EPOCH })
}
