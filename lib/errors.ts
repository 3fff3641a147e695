// The error catalogue: every refusal that a client can meet, one table per stage.

import { authErrors } from './errors/auth.ts'
import { fileErrors } from './errors/file.ts'
import { historyErrors } from './errors/history.ts'
import { queryErrors } from './errors/query.ts'
import { recordErrors } from './errors/record.ts'
import { requestErrors } from './errors/request.ts'
import { schemaErrors } from './errors/schema.ts'
import { serverErrors } from './errors/server.ts'
import { tenantErrors } from './errors/tenant.ts'

export const errors = {
  ...requestErrors,
  ...authErrors,
  ...tenantErrors,
  ...schemaErrors,
  ...queryErrors,
  ...recordErrors,
  ...historyErrors,
  ...fileErrors,
  ...serverErrors,
}

/** A row of the catalogue, by name. */
export type ErrorName = keyof typeof errors
