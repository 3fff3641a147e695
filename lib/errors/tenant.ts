// Refusals of operations on tenants, and of what their quotas do not allow.
import { problem, type QuotaState } from './problem.ts'
import { quantity } from './quantity.ts'

/** Quotas whose things have another plural, or name. */
const ONE: Readonly<Record<string, string>> = { file_bytes: 'byte of files', entities: 'entity' }

const MANY: Readonly<Record<string, string>> = { file_bytes: 'bytes of files' }

function allowed({ quota, limit }: QuotaState): string {
  return `${limit} ${limit === 1 ? (ONE[quota] ?? quota.replace(/s$/, '')) : (MANY[quota] ?? quota)}`
}

export const tenantErrors = {
  tenantNotFound: problem(
    { status: 404, code: 'tenant_not_found', title: 'No such tenant' },
    () => 'There is no such tenant.',
  ),
  tenantExists: problem(
    { status: 409, code: 'tenant_exists', title: 'The tenant exists already' },
    (name: string) => `A tenant "${name}" exists already.`,
  ),
  quotaExceeded: problem(
    { status: 409, code: 'quota_exceeded', title: 'A quota of the tenant is used up' },
    (state: QuotaState, wanted?: number) => ({
      detail: `The tenant may have ${allowed(state)}: it has ${state.used}, and this needs ${wanted === undefined ? 'more than is left' : `${wanted} more`}.`,
      hint: 'Remove some, or ask the operator for a larger quota.',
      quota: state,
    }),
  ),
  requestQuotaExceeded: problem(
    { status: 429, code: 'request_quota_exceeded', title: 'The requests of the minute are used up' },
    (limit: number, seconds: number) => ({
      detail: `The tenant may send ${quantity(limit, 'request')} a minute and has sent ${limit === 1 ? 'it' : 'them'}; try again in ${seconds} s.`,
      quota: { quota: 'requests_per_minute', limit, used: limit },
      headers: { 'retry-after': String(seconds) },
    }),
  ),
  defaultTenant: problem(
    { status: 409, code: 'default_tenant', title: 'The default tenant cannot be deleted' },
    () => 'The tenant "default", which the operators belong to, can be neither suspended nor deleted.',
  ),
}
