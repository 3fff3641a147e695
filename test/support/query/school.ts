// A small school: courses with a teacher (and maybe a tutor), students in many courses, marks between the two.

import type { Entity } from '../../../lib/entities/entity.ts'
import type { PlanContext } from '../../../lib/query/plan/context.ts'
import { idOf, type QueryDatabase, type StoredRow } from './database.ts'
import { contextOf, entity, field } from './sample.ts'

export const person = entity('person', [field('name', 'string'), field('secret', 'string')], { id: 11 })

export const room = entity(
  'room',
  [field('name', 'string'), field('keeper', 'relation', { entity: 'person', unique: true })],
  { id: 12 },
)

export const course = entity(
  'course',
  [
    field('title', 'string'),
    field('hours', 'integer'),
    field('fee', 'decimal'),
    field('teacher', 'relation', { entity: 'person' }),
    field('tutor', 'relation', { entity: 'person' }),
    field('parent', 'relation', { entity: 'course' }),
  ],
  { id: 13 },
)

export const student = entity(
  'student',
  [field('name', 'string'), field('courses', 'relation', { entity: 'course', many: true })],
  { id: 14 },
)

export const mark = entity(
  'mark',
  [
    field('value', 'integer'),
    field('of', 'relation', { entity: 'student' }),
    field('given_by', 'relation', { entity: 'person' }),
  ],
  { id: 15 },
)

export const entities = [person, room, course, student, mark]

/** The context of a caller who may see everything but the field `secret`. */
export function schoolContext(of: Entity, more: Partial<PlanContext> = {}): PlanContext {
  return contextOf(of, {
    lookup: (name) => entities.find((one) => one.name === name),
    entities: () => entities,
    ...more,
  })
}

const row = (n: number, data: StoredRow['data']): StoredRow => ({ id: idOf(n), data })

/** Ada (1), Bob (2), Cy (3); rooms 11-12; courses 21-24; students 31-33; marks 41-44. */
export async function storeSchool(database: QueryDatabase): Promise<void> {
  const rows: [Entity, StoredRow[]][] = [
    [person, ['Ada', 'Bob', 'Cy'].map((name, at) => row(at + 1, { name, secret: 'x' }))],
    [room, [row(11, { name: 'A', keeper: idOf(1) }), row(12, { name: 'B', keeper: null })]],
    [
      course,
      [
        row(21, { title: 'Math', hours: 4, fee: '10.10', teacher: idOf(1), tutor: idOf(2) }),
        row(22, { title: 'Art', hours: 2, fee: '0.20', teacher: idOf(1) }),
        row(23, { title: 'Sport', hours: 2, fee: null, teacher: idOf(2), parent: idOf(21) }),
        row(24, { title: 'Void', hours: null }),
      ],
    ],
    [
      student,
      [
        row(31, { name: 'Eve', courses: [idOf(21), idOf(22)] }),
        row(32, { name: 'Fay', courses: [idOf(22)] }),
        row(33, { name: 'Gus', courses: [] }),
      ],
    ],
    [
      mark,
      [
        row(41, { value: 1, of: idOf(31), given_by: idOf(1) }),
        row(42, { value: 3, of: idOf(31), given_by: idOf(2) }),
        row(43, { value: 2, of: idOf(32), given_by: idOf(1) }),
        row(44, { value: 5, of: idOf(31), given_by: idOf(1) }),
      ],
    ],
  ]
  for (const [of, stored] of rows) await database.store(of, stored, entities)
}
