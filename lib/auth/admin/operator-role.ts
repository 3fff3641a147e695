// The rule that only an operator grants or takes the role operator.
import { errors } from '../../errors.ts'
import type { Caller } from '../caller.ts'

/** errors.forbidden when `operator` is among the roles that a caller who is not an operator would give or take. */
export function refuseOperatorRole(caller: Caller, ...roles: (string | undefined)[]): void {
  if (caller.role !== 'operator' && roles.includes('operator')) throw errors.forbidden('the role operator')
}
