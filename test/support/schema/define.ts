// What the tests of definitions share: reading one, and what stands against it.

import { Problem, type Violation } from '../../../lib/errors/problem.ts'
import { type DefinitionContext, parseDefinition } from '../../../lib/schema/definition/parse-definition.ts'

export const post: DefinitionContext = { segments: new Set(['schemas', 'backup']) }

export const put: DefinitionContext = { ...post, current: { name: 'student', fields: [] } }

export function define(body: unknown, context = post) {
  return parseDefinition(body, context)
}

export function refusal(body: unknown, context = post): Violation[] {
  try {
    define(body, context)
  } catch (error) {
    if (error instanceof Problem && error.kind.code === 'invalid_definition') return error.extras.errors ?? []
    throw error
  }
  return []
}

export function withField(field: unknown) {
  return { entity_name: 'student', fields: [field] }
}

export const name = { name: 'f' }

export const string = { type: 'string' }
