// Refusals that concern tenants.
import { problem } from './problem.ts'

export const tenantErrors = {
  tenantNotFound: problem(
    { status: 404, code: 'tenant_not_found', title: 'No such tenant' },
    () => 'There is no such tenant.',
  ),
  tenantExists: problem(
    { status: 409, code: 'tenant_exists', title: 'The tenant exists already' },
    (name: string) => `There is a tenant "${name}" already.`,
  ),
  defaultTenant: problem(
    { status: 409, code: 'default_tenant', title: 'The default tenant remains' },
    () => 'The tenant "default", which the operators belong to, can be neither suspended nor deleted.',
  ),
}
