// The document without any tenant: the documentation of the real routes, completed with the refusals that follow from their
// access, and the wildcard routes as the pattern of every entity.

import { DEFINITION_SCHEMAS, withDefinitions } from './definition-paths.ts'
import { SIGNED_IN_OR_VISITOR } from './document.ts'
import { withFilters } from './list-parameters.ts'
import { mapOperations, operations } from './paths.ts'
import { publishedSchemas } from './published-schemas.ts'
import type { RecordApi } from './record-api.ts'
import { RECORD_HEADERS, RECORD_PARAMETERS, RECORD_SCHEMAS } from './record-components.ts'
import { recordPaths } from './record-paths.ts'
import { type OpenApiDocument, sharedComponent, withSharedNames } from './reference.ts'
import { refusalComponents, withRefusals } from './refusals.ts'

/** Any entity. */
const ANY: RecordApi = {
  segment: '{entity}',
  tag: 'Records',
  record: sharedComponent('schemas', 'Record'),
  create: sharedComponent('schemas', 'NewRecord'),
  patch: sharedComponent('schemas', 'RecordChanges'),
  filters: [sharedComponent('parameters', 'Filters')],
  parameters: [sharedComponent('parameters', 'Entity'), sharedComponent('parameters', 'Tenant')],
  security: SIGNED_IN_OR_VISITOR,
  logs: { history: true, feed: true },
}

/** The operations of the wildcard routes. */
export const WILDCARD_PATHS = recordPaths(ANY)

/** @param rendered the routes as the documentation plugin writes them, refusals still as `x-refusals` */
export function staticDocument(rendered: OpenApiDocument): OpenApiDocument {
  const paths = { ...withFilters(withDefinitions(rendered.paths)), ...WILDCARD_PATHS }
  const responses = operations(paths).map((operation) => refusalComponents(operation['x-refusals'] ?? []))
  return {
    ...rendered,
    paths: mapOperations(paths, (operation) => publishedSchemas(withRefusals(operation))),
    components: {
      ...rendered.components,
      schemas: {
        ...withSharedNames({ ...rendered.components.schemas, ...RECORD_SCHEMAS }),
        ...DEFINITION_SCHEMAS,
      },
      parameters: withSharedNames(RECORD_PARAMETERS),
      headers: withSharedNames(RECORD_HEADERS),
      responses: Object.assign({}, ...responses),
    },
  }
}
