// The filters of the lists that are not of records, the files and the audit log, as parameters of their operations.
import { AUDIT_EXAMPLES, auditOperators } from '../audit/audit-advice.ts'
import { FILE_EXAMPLES, fileOperators } from '../query/plan/file-filters.ts'
import { filterParameter } from './filter-parameter.ts'
import { mapOperations } from './paths.ts'
import { parameters } from './record-api.ts'
import type { Paths } from './reference.ts'

function filters(
  examples: Readonly<Record<string, string>>,
  operatorsOf: (name: string) => readonly string[],
) {
  return Object.entries(examples).map(([name, example]) => filterParameter(name, operatorsOf(name), example))
}

const FILTERS: Readonly<Record<string, object[]>> = {
  listFiles: filters(FILE_EXAMPLES, fileOperators),
  listAudit: filters(AUDIT_EXAMPLES, auditOperators),
}

/** The paths with the filters of those lists. */
export function withFilters(paths: Paths): Paths {
  return mapOperations(paths, (operation) => {
    const filters = FILTERS[operation.operationId]
    if (filters === undefined) return operation
    return {
      ...operation,
      parameters: [...filters, ...parameters('And', 'Or'), ...(operation.parameters ?? [])],
    }
  })
}
