// The parts that the operations on records have in common, and the entity that they belong to.

import type { ErrorName } from '../errors.ts'
import { type Operation, type Reference, sharedComponent } from './reference.ts'
import { impliedRefusals } from './refusals.ts'

/** One entity, or the pattern of all. */
export interface RecordApi {
  /** First segment of the paths. */
  segment: string
  tag: string
  record: Reference
  /** Body of a new record, and of a replacement. */
  create: Reference
  patch: Reference
  /** The query parameters that filter. */
  filters: Reference[]
  /** Parameters of every path beside its own. */
  parameters: Reference[]
  security: Operation['security']
  /** What is logged of its changes. */
  logs: { history: boolean; feed: boolean }
}

/** References to shared parameters. */
export const parameters = (...names: string[]) => names.map((name) => sharedComponent('parameters', name))

export const header = (name: string) => sharedComponent('headers', name)

export const json = (schema: object) => ({ 'application/json': { schema } })

/** Bodies of CSV and NDJSON. */
export const FILES = {
  'text/csv': { schema: sharedComponent('schemas', 'Csv') },
  'application/x-ndjson': { schema: sharedComponent('schemas', 'Ndjson') },
}

/** Several records, in each media type of a list. */
export const records = (record: Reference) => ({ ...json({ type: 'array', items: record }), ...FILES })

export const CONFLICTS: ErrorName[] = ['uniqueConflict', 'referenceConflict']

type Rest = Pick<Operation, 'responses'> & Partial<Operation>

/** An operation with the refusals that are common to all. */
export function operation(
  { tag, security }: RecordApi,
  name: string,
  summary: string,
  rest: Rest,
): Operation {
  const implied = impliedRefusals('visitor', { body: rest.requestBody !== undefined, parameters: false })
  return {
    operationId: `${name}_${tag.toLowerCase()}`,
    tags: [tag],
    summary,
    security,
    'x-access': 'visitor',
    ...rest,
    'x-refusals': [...implied, 'entityNotFound', ...(rest['x-refusals'] ?? [])],
  }
}
