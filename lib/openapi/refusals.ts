// From names of the error catalogue to OpenAPI responses: one per status, with every code it can carry.
import type { Access } from '../auth/roles.ts'
import { errors } from '../errors.ts'

/** A row of the error catalogue, by name. */
export type ErrorName = keyof typeof errors

export interface ProblemResponse {
  description: string
  content: Record<string, { schema: { $ref: string } }>
  headers?: Record<string, { description: string; schema: { type: 'string' } }>
}

/** Response headers that come with a status. */
const HEADERS: Readonly<Record<string, [name: string, description: string]>> = {
  401: ['WWW-Authenticate', 'Bearer'],
  405: ['Allow', 'The methods that are possible'],
  429: ['Retry-After', 'Seconds to wait'],
  503: ['Retry-After', 'Seconds to wait'],
}

const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

/** What any operation may answer beside what it names. */
export const ANY_FAILURE: ProblemResponse = { description: 'Any other refusal or failure.', content }

function toResponse(status: string, lines: string[]): ProblemResponse {
  const header = HEADERS[status]
  const response: ProblemResponse = { description: lines.join('\n'), content }
  if (header === undefined) return response
  const [name, description] = header
  return { ...response, headers: { [name]: { description, schema: { type: 'string' } } } }
}

/** The error responses of an operation, keyed by status. */
export function problemResponses(names: readonly ErrorName[]): Record<string, ProblemResponse> {
  const lines = new Map<string, string[]>()
  for (const name of new Set(names)) {
    const { status, code, title } = errors[name].kind
    const key = String(status)
    lines.set(key, [...(lines.get(key) ?? []), `- \`${code}\`: ${title}`])
  }
  return Object.fromEntries([...lines].map(([status, text]) => [status, toResponse(status, text)]))
}

/** What follows from a route's access and input, so that no route has to say it. */
export function impliedRefusals(access: Access, input: { body: boolean; parameters: boolean }): ErrorName[] {
  return [
    ...(access === 'public' ? [] : ['unauthenticated' as const]),
    ...(access === 'admin' || access === 'operator' ? ['forbidden' as const] : []),
    ...(input.body ? BODY_REFUSALS : []),
    ...(input.parameters ? ['invalidParameter' as const] : []),
  ]
}

const BODY_REFUSALS: ErrorName[] = ['invalidBody', 'malformedBody', 'bodyTooLarge', 'unsupportedMediaType']
