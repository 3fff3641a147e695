// The operations that have a bound. Each request has new random values.

import { type Operation, operation } from './operation.ts'
import { AGE_GROUP, COLUMNS, OWN_COLUMNS, STUDENT, STUDENT_WITH_SCHOOL } from './shapes.ts'

/** The statement of a list of students by hand. */
const students = (rest: string) => ({ sql: `select ${COLUMNS} from students ${rest} limit 20`, row: STUDENT })

export const CORE: readonly Operation[] = [
  operation({
    name: 'get by id',
    bound: 0.9,
    single: true,
    draw: (pool) => ({ id: pool.studentId() }),
    univera: ({ id }) => `/student/${id}`,
    byHand: { sql: `select ${COLUMNS} from students where id = $1`, row: STUDENT },
  }),
  operation({
    name: 'newest',
    bound: 1,
    draw: () => ({}),
    univera: () => '/student/?order=created_at.desc&limit=20',
    byHand: students('order by created_at desc'),
  }),
  operation({
    name: 'eq_sort (2 %)',
    bound: 1,
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?age=eq.${age}&order=name&limit=20`,
    byHand: students('where age = $1 order by name'),
  }),
  operation({
    name: 'half, no slot',
    bound: 1,
    draw: (pool) => ({ enrolled: pool.flag() }),
    univera: ({ enrolled }) => `/student/?enrolled=is.${enrolled}&order=name&limit=20`,
    byHand: students('where enrolled = $1 order by name'),
  }),
  operation({
    name: 'one by email',
    bound: 1.6,
    draw: (pool) => ({ email: pool.email() }),
    univera: ({ email }) => `/student/?email=eq.${email}&order=name&limit=20`,
    byHand: students('where email = $1 order by name'),
  }),
  operation({
    name: 'eq and half, newest',
    bound: 1.2,
    draw: (pool) => ({ age: pool.age(), enrolled: pool.flag() }),
    univera: ({ age, enrolled }) =>
      `/student/?age=eq.${age}&enrolled=is.${enrolled}&order=created_at.desc&limit=20`,
    byHand: students('where age = $1 and enrolled = $2 order by created_at desc'),
  }),
  operation({
    name: 'range of 3',
    bound: 1.2,
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?age=gte.${age}&age=lt.${age + 3}&order=name.desc&limit=20`,
    byHand: students('where age >= $1 and age < $1 + 3 order by name desc'),
  }),
  operation({
    name: 'or',
    bound: 1.5,
    draw: (pool) => ({ age: pool.age(), email: pool.email() }),
    univera: ({ age, email }) => `/student/?or=(age.eq.${age},email.eq.${email})&order=name&limit=20`,
    byHand: students('where age = $1 or email = $2 order by name'),
  }),
  operation({
    name: 'eq_sort, exact count',
    bound: 1.2,
    prefer: 'count=exact',
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?age=eq.${age}&order=name&limit=20`,
    byHand: {
      ...students('where age = $1 order by name'),
      count: 'select count(*)::int as count from students where age = $1',
    },
  }),
  operation({
    name: 'ilike',
    bound: 1.2,
    draw: (pool) => ({ part: pool.fragment() }),
    univera: ({ part }) => `/student/?name=ilike.*${part}*&order=name&limit=20`,
    byHand: students(`where name ilike '%' || $1 || '%' order by name`),
  }),
  operation({
    name: 'to-one embed, newest',
    bound: 1.3,
    draw: () => ({}),
    univera: () => '/student/?select=*,school(id,name)&order=created_at.desc&limit=20',
    byHand: {
      sql: `select ${OWN_COLUMNS}, json_build_object('id', c.id, 'name', c.name) as school
        from students s left join schools c on c.id = s.school_id order by s.created_at desc limit 20`,
      row: STUDENT_WITH_SCHOOL,
    },
  }),
  operation({
    name: 'groups over all',
    bound: 2.5,
    draw: () => ({}),
    univera: () => '/student/?select=age,count(),amount.sum()',
    byHand: {
      sql: 'select age, count(*)::int as count, sum(amount) as sum from students group by age',
      row: AGE_GROUP,
    },
  }),
]
