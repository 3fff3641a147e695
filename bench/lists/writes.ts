// Writes of random records. They come last: what they add is on one side only.

import { type Operation, operation } from './operation.ts'
import { COLUMNS, STUDENT } from './shapes.ts'

export const WRITES: readonly Operation[] = [
  operation({
    name: 'create',
    bound: 1.1,
    method: 'POST',
    single: true,
    draw: (pool) => {
      const { school: _, ...fields } = pool.student()
      return fields
    },
    univera: () => '/student/',
    body: (student) => student,
    byHand: {
      sql: `insert into students (name, age, email, enrolled, amount, grade)
        values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
      row: STUDENT,
    },
  }),
  operation({
    name: 'create with a relation',
    method: 'POST',
    single: true,
    draw: (pool) => pool.student(),
    univera: () => '/student/',
    body: (student) => student,
    byHand: {
      sql: `insert into students (name, age, email, enrolled, amount, grade, school_id)
        values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
      row: STUDENT,
    },
  }),
  operation({
    name: 'patch',
    bound: 1.1,
    method: 'PATCH',
    single: true,
    draw: (pool) => ({ id: pool.studentId(), age: pool.age() }),
    univera: ({ id }) => `/student/${id}`,
    body: ({ age }) => ({ age }),
    byHand: {
      sql: `update students set age = $2, updated_at = now() where id = $1 returning ${COLUMNS}`,
      row: STUDENT,
    },
  }),
]
