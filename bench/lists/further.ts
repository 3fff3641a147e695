// Operations of everyday lists beside those with a bound.

import { type Operation, operation } from './operation.ts'
import { COLUMNS, STUDENT } from './shapes.ts'

const students = (rest: string) => ({ sql: `select ${COLUMNS} from students ${rest}`, row: STUDENT })

/** Enough pages lie before it that an offset would be felt. */
const FARTHEST = 2000

export const FURTHER: readonly Operation[] = [
  operation({
    name: 'in-list of 5',
    draw: (pool) => ({ ages: Array.from({ length: 5 }, pool.age) }),
    univera: ({ ages }) => `/student/?age=in.(${ages})&order=name&limit=20`,
    byHand: students('where age = any($1) order by name limit 20'),
  }),
  operation({
    name: 'three filters',
    draw: (pool) => ({ age: pool.age(), enrolled: pool.flag(), grade: pool.number(4) }),
    univera: ({ age, enrolled, grade }) =>
      `/student/?age=eq.${age}&enrolled=is.${enrolled}&grade=gte.${grade}&order=name&limit=20`,
    byHand: students('where age = $1 and enrolled = $2 and grade >= $3 order by name limit 20'),
  }),
  operation({
    name: 'eq, nulls first',
    tied: true,
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?age=eq.${age}&order=grade.nullsfirst&limit=20`,
    byHand: students('where age = $1 order by grade nulls first limit 20'),
  }),
  operation({
    name: 'half, nulls last',
    tied: true,
    draw: (pool) => ({ enrolled: pool.flag() }),
    univera: ({ enrolled }) => `/student/?enrolled=is.${enrolled}&order=grade.desc.nullslast&limit=20`,
    byHand: students('where enrolled = $1 order by grade desc nulls last limit 20'),
  }),
  operation({
    name: 'eq, order has no slot',
    tied: true,
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?age=eq.${age}&order=amount.desc&limit=20`,
    byHand: students('where age = $1 order by amount desc limit 20'),
  }),
  operation({
    name: 'not equal',
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?age=not.eq.${age}&order=name&limit=20`,
    byHand: students('where age <> $1 order by name limit 20'),
  }),
  operation({
    name: 'text prefix',
    draw: (pool) => ({ prefix: pool.prefix() }),
    univera: ({ prefix }) => `/student/?name=like.${prefix}*&order=name&limit=20`,
    byHand: students(`where name >= $1 and name < $1 || '{' order by name limit 20`),
  }),
  operation({
    name: 'page 50 and on, cursor',
    draw: (pool) => {
      const { name, id } = pool.position()
      return { name, id }
    },
    univera: ({ id }, pool) => `/student/?order=name&limit=20&cursor=${pool.cursorAfter(id)}`,
    byHand: students('where name >= $1 and (name, id) > ($1, $2) order by name, id limit 20'),
  }),
  operation({
    name: 'offset up to 2,000',
    draw: (pool) => ({ offset: pool.number(FARTHEST) }),
    univera: ({ offset }) => `/student/?order=name&limit=20&offset=${offset}`,
    byHand: students('order by name limit 20 offset $1'),
  }),
  operation({
    name: 'newest before an id',
    draw: (pool) => ({ id: pool.studentId() }),
    univera: ({ id }) => `/student/?id=lt.${id}&order=id.desc&limit=20`,
    byHand: students('where id < $1 order by id desc limit 20'),
  }),
]
