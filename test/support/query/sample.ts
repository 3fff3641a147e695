// A sample entity with a field of every kind of key, and the context to plan queries on it.

import type { Entity } from '../../../lib/entities/entity.ts'
import type { Field } from '../../../lib/fields/field.ts'
import { parseQuery } from '../../../lib/query/parse/parse-query.ts'
import type { PlanContext } from '../../../lib/query/plan/context.ts'
import { type ListPlan, planList } from '../../../lib/query/plan/plan-list.ts'

export const tenantId = '00000000-0000-7000-8000-000000000001'

export const field = (name: string, type: string, options: Record<string, unknown> = {}): Field => ({
  name,
  key: name,
  type,
  ...options,
})

/** An entity; `slots` names the fields with a filled index slot, in the order of their slots. */
export function entity(
  name: string,
  fields: Field[],
  options: { id?: number; slots?: string[] } = {},
): Entity {
  const slots = Object.fromEntries(
    (options.slots ?? []).map((key, at) => [key, { slot: at + 1, ready: true }]),
  )
  const time = '2026-01-01T00:00:00Z'
  return {
    tenantId,
    id: options.id ?? 1,
    name,
    version: 1,
    label: null,
    description: null,
    fields,
    constraints: [],
    slots,
    retiredKeys: [],
    createdAt: time,
    updatedAt: time,
  }
}

export const studentFields = [
  field('name', 'string'),
  field('age', 'integer'),
  field('score', 'decimal'),
  field('active', 'boolean'),
  field('born', 'date'),
  field('seen', 'datetime'),
  field('tags', 'array', { items: { type: 'string' } }),
  field('secret', 'string'),
]

export const student = entity('student', studentFields)

/** Everything is readable but fields called `secret`. */
export function contextOf(of: Entity, more: Partial<PlanContext> = {}): PlanContext {
  return {
    entity: of,
    readable: ({ name }) => name !== 'secret',
    lookup: () => undefined,
    defaultLimit: 100,
    maxLimit: 1000,
    ...more,
  }
}

/** The plan of a list from its query string. */
export function plan(search: string, context = contextOf(student)): ListPlan {
  return planList(parseQuery(search), context)
}
