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
  deletedEntityNotFound: problem(
    { status: 404, code: 'deleted_entity_not_found', title: 'No such deleted entity' },
    (name: string) =>
      `There is no deleted entity "${name}" that can come back; GET /schemas/?deleted=true lists those that can.`,
  ),
  nameInUse: problem(
    { status: 409, code: 'name_in_use', title: 'The name is in use' },
    (name: string) =>
      `"${name}" is the name of another entity now, or a former name of one; give the deleted entity another name: {"as": "${name.slice(0, 60)}_2"}.`,
  ),
  targetDeleted: problem(
    { status: 409, code: 'target_deleted', title: 'Relations of the entity lead to a deleted one' },
    (name: string, targets: string[]) =>
      `"${name}" has relations to ${targets.join(', ')}, deleted as well; undelete that first (POST /schemas/${targets[0]}/undelete). When it has been purged, create an entity of that name.`,
  ),
  entityReferenced: problem(
    { status: 409, code: 'entity_referenced', title: 'Other entities refer to this one' },
    (name: string, referrers: string[]) =>
      `"${name}" cannot be deleted while other entities refer to it: ${referrers.join(', ')}.`,
  ),
  cannotConvert: problem(
    {
      status: 400,
      code: 'cannot_convert',
      title: 'Values of the one type cannot become values of the other',
    },
    (name: string, from: string, to: string, possible: string[]) => ({
      detail: `"${name}" cannot change from ${from} to ${to}; it can become: ${possible.join(', ')}.`,
      hint: 'Or drop the field in one change and create it again in the next.',
    }),
  ),
  planRequired: problem(
    { status: 428, code: 'plan_required', title: 'The change loses something and needs a plan' },
    (losses: string[]) => ({
      detail: `The change loses something for good or from view: ${losses.join('; ')}.`,
      hint: 'POST the same body to /schemas/{entity}/preview, look at what it does, and repeat the request with ?plan= and the plan of the answer.',
    }),
  ),
  planNotFound: problem(
    { status: 404, code: 'plan_not_found', title: 'No such plan' },
    (id: string) =>
      `There is no plan ${id} of this entity; a plan that is not carried out ends after 24 hours.`,
  ),
  planMismatch: problem(
    { status: 409, code: 'plan_mismatch', title: 'The plan is for another change' },
    (id: string) =>
      `The request asks for another change than the plan ${id}, or the plan is not to be carried out any more.`,
  ),
  planOutdated: problem(
    { status: 409, code: 'plan_outdated', title: 'What matters for the plan has changed' },
    (reasons: string[], plan: object) => ({
      detail: `Since the plan was made ${reasons.join('; ')}. The answer has a fresh plan.`,
      plan,
    }),
  ),
  changeInProgress: problem(
    { status: 409, code: 'change_in_progress', title: 'Another change of the entity is under way' },
    (id: string) => `The plan ${id} is being carried out; wait until it is applied, or cancel it.`,
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
