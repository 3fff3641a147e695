// How a read enters its tenant: by a plain statement, which costs less than a function. It answers whether the scope's epoch
// is the tenant's; an old one is no error of the statement, which PostgreSQL would log, and what follows it is discarded.
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

/** What PostgreSQL writes for false. */
const FALSE = 'f'

/** Whether the first column of an answer to ENTER_READ, as text, refuses the epoch. */
export const isRefused = (column: string | null | undefined): boolean => column === FALSE

/** The error of a statement whose epoch was refused, as that of a function that raises it. */
export function staleEpoch(): Error {
  return Object.assign(new Error('stale epoch'), { code: STALE_EPOCH })
}
