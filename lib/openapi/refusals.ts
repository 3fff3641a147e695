// Turns rows of the error catalogue into the error responses of an operation: one for each status, shared by all operations
// with the same codes.

import type { Access } from '../access/roles.ts'
import { type ErrorName, errors } from '../errors.ts'
import { type Operation, type Reference, sharedComponent, sharedName } from './reference.ts'

/** Response headers that come with a status. */
const HEADERS: Readonly<Record<string, [name: string, description: string]>> = {
  401: ['WWW-Authenticate', 'Bearer'],
  429: ['Retry-After', 'Seconds to wait'],
}

const BODY_REFUSALS: ErrorName[] = ['malformedBody', 'invalidBody', 'bodyTooLarge', 'unsupportedMediaType']

const content = { 'application/problem+json': { schema: sharedComponent('schemas', 'Problem') } }

/** The response of any operation to errors that it does not name. */
export const ANY_FAILURE = { description: 'Any other error.', content }

/** The rows that share a status, in the order of their status. */
function byStatus(names: readonly ErrorName[]): Map<number, ErrorName[]> {
  const groups = new Map<number, ErrorName[]>()
  for (const name of new Set(names)) {
    const { status } = errors[name].kind
    groups.set(status, [...(groups.get(status) ?? []), name])
  }
  return new Map([...groups].sort(([a], [b]) => a - b))
}

function componentName(names: readonly ErrorName[]): string {
  return names
    .map((name) => errors[name].kind.code)
    .sort()
    .join('.')
}

function toResponse(status: number, names: readonly ErrorName[]): object {
  const lines = names.map((name) => `- \`${errors[name].kind.code}\`: ${errors[name].kind.title}`)
  const response = { description: lines.sort().join('\n'), content }
  const header = HEADERS[status]
  if (header === undefined) return response
  return { ...response, headers: { [header[0]]: { description: header[1], schema: { type: 'string' } } } }
}

/** The refusals that follow from a route's access and input, so that no route has to list them. */
export function impliedRefusals(access: Access, input: { body: boolean; parameters: boolean }): ErrorName[] {
  return [
    ...(access === 'public' ? [] : (['unauthenticated', 'requestQuotaExceeded'] as const)),
    ...(access === 'admin' || access === 'operator' ? ['forbidden' as const] : []),
    ...(input.body ? BODY_REFUSALS : []),
    ...(input.parameters ? ['invalidParameter' as const] : []),
    'tooManyRequests',
  ]
}

/** References to the error responses, by status. */
export function refusalReferences(names: readonly ErrorName[]): Record<string, Reference> {
  const entries = [...byStatus(names)].map(([status, group]): [string, Reference] => [
    String(status),
    sharedComponent('responses', componentName(group)),
  ])
  return { ...Object.fromEntries(entries), default: sharedComponent('responses', 'failure') }
}

/** The components that those references point to. */
export function refusalComponents(names: readonly ErrorName[]): Record<string, object> {
  const entries = [...byStatus(names)].map(([status, group]) => [
    sharedName(componentName(group)),
    toResponse(status, group),
  ])
  return { ...Object.fromEntries(entries), [sharedName('failure')]: ANY_FAILURE }
}

/** The operation with its `x-refusals` written out as responses. */
export function withRefusals({ 'x-refusals': names = [], ...operation }: Operation): Operation {
  return { ...operation, responses: { ...operation.responses, ...refusalReferences(names) } }
}
