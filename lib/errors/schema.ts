// Refusals of entity definitions and their changes.
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
    (name: string) => `An entity "${name}" exists already.`,
  ),
  schemaChanged: problem(
    { status: 412, code: 'schema_changed', title: 'The entity has changed' },
    () => 'The definition has changed since the version in If-Match; fetch it again.',
  ),
  nameIsAlias: problem(
    { status: 409, code: 'name_is_alias', title: 'The name is a former name' },
    (name: string, until: string) =>
      `"${name}" still leads to what was called so, until ${until}; choose another name, or end it earlier by DELETE /schemas/{entity}/aliases/${name}.`,
  ),
  aliasConflict: problem(
    { status: 400, code: 'alias_conflict', title: 'Two names of one field have different values' },
    (name: string, alias: string) =>
      `"${alias}" is a former name of "${name}", and the body gives both with different values; send "${name}" alone.`,
  ),
  aliasNotFound: problem(
    { status: 404, code: 'alias_not_found', title: 'No such former name' },
    (name: string) => `There is no former name "${name}" in force.`,
  ),
  versionNotFound: problem(
    { status: 404, code: 'version_not_found', title: 'No such version' },
    (version: string) => `There is no version ${version} of the definition.`,
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
