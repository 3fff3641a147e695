// Refusals that concern entity definitions.
import { problem, type Violation, violated } from './problem.ts'

export const schemaErrors = {
  invalidDefinition: problem(
    { status: 400, code: 'invalid_definition', title: 'The entity definition is not valid' },
    (violations: Violation[]) => violated(violations, 'definition'),
  ),
  entityNotFound: problem(
    { status: 404, code: 'entity_not_found', title: 'No such entity' },
    (name: string) => `There is no entity "${name}".`,
  ),
  entityExists: problem(
    { status: 409, code: 'entity_exists', title: 'The entity exists already' },
    (name: string) => `There is an entity "${name}" already.`,
  ),
  schemaChanged: problem(
    { status: 412, code: 'schema_changed', title: 'The entity has changed' },
    () => 'The definition is not the one that If-Match names; read it again.',
  ),
  entityReferenced: problem(
    { status: 409, code: 'entity_referenced', title: 'Other entities refer to this one' },
    (name: string, referrers: string[]) =>
      `"${name}" cannot be deleted while other entities refer to it: ${referrers.join(', ')}.`,
  ),
  recordsViolate: problem(
    {
      status: 409,
      code: 'records_violate_schema',
      title: 'Existing records do not satisfy the new definition',
    },
    (violations: Violation[]) => violated(violations),
  ),
}
