// Embedding on a real PostgreSQL: forward, backward, through a third entity, nested, filtered, ordered, limited.
import t from 'tap'
import type { Entity } from '../../lib/entities/entity.ts'
import { Problem } from '../../lib/errors/problem.ts'
import type { FilterNode } from '../../lib/query/ast.ts'
import { planFilter } from '../../lib/query/plan/filter.ts'
import { idOf, openDatabase, type QueryDatabase } from '../support/query/database.ts'
import { plan } from '../support/query/sample.ts'
import { course, mark, person, room, schoolContext, storeSchool, student } from '../support/query/school.ts'

interface Scenario {
  name: string
  of: Entity
  search: string
  records: unknown[]
}

const scenarios: Scenario[] = [
  {
    name: 'a relation field gives its one record, null when unset',
    of: course,
    search: 'select=title,teacher(name)',
    records: [
      { title: 'Math', teacher: { name: 'Ada' } },
      { title: 'Art', teacher: { name: 'Ada' } },
      { title: 'Sport', teacher: { name: 'Bob' } },
      { title: 'Void', teacher: null },
    ],
  },
  {
    name: 'a field of many gives a list, oldest first',
    of: student,
    search: 'select=name,courses(title)',
    records: [
      { name: 'Eve', courses: [{ title: 'Math' }, { title: 'Art' }] },
      { name: 'Fay', courses: [{ title: 'Art' }] },
      { name: 'Gus', courses: [] },
    ],
  },
  {
    name: 'the other entity gives what points here, through one or many',
    of: course,
    search: 'select=title,student(name)&limit=2',
    records: [
      { title: 'Math', student: [{ name: 'Eve' }] },
      { title: 'Art', student: [{ name: 'Eve' }, { name: 'Fay' }] },
    ],
  },
  {
    name: 'a unique field gives one record backwards',
    of: person,
    search: 'select=name,room(name)&limit=2',
    records: [
      { name: 'Ada', room: { name: 'A' } },
      { name: 'Bob', room: null },
    ],
  },
  {
    name: 'a hint tells two relations apart, in both directions',
    of: person,
    search: 'select=name,teaches:course!teacher(title),tutors:course!tutor(title)&limit=2',
    records: [
      { name: 'Ada', teaches: [{ title: 'Math' }, { title: 'Art' }], tutors: [] },
      { name: 'Bob', teaches: [{ title: 'Sport' }], tutors: [{ title: 'Math' }] },
    ],
  },
  {
    name: 'from an entity to itself the field leads forward and the entity backward',
    of: course,
    search: 'select=title,parent(title),course(title)&title=in.(Math,Sport)',
    records: [
      { title: 'Math', parent: null, course: [{ title: 'Sport' }] },
      { title: 'Sport', parent: { title: 'Math' }, course: [] },
    ],
  },
  {
    name: 'an entity between two leads from one to the other, each record once',
    of: student,
    search: 'select=name,person(name)',
    records: [
      { name: 'Eve', person: [{ name: 'Ada' }, { name: 'Bob' }] },
      { name: 'Fay', person: [{ name: 'Ada' }] },
      { name: 'Gus', person: [] },
    ],
  },
  {
    name: 'embeds nest, with parameters for each level',
    of: person,
    search:
      'select=name,course!teacher(title,student(name))&course.title=neq.Sport&course.order=title&course.student.name=eq.Fay&limit=1',
    records: [
      {
        name: 'Ada',
        course: [
          { title: 'Art', student: [{ name: 'Fay' }] },
          { title: 'Math', student: [] },
        ],
      },
    ],
  },
  {
    name: 'filters, order, limit and offset of an embed leave the records above alone',
    of: student,
    search: 'select=name,mark(value)&mark.order=value.desc&mark.limit=1&mark.offset=1&mark.value=gt.0',
    records: [
      { name: 'Eve', mark: [{ value: 3 }] },
      { name: 'Fay', mark: [] },
      { name: 'Gus', mark: [] },
    ],
  },
  {
    name: 'logic inside an embed',
    of: student,
    search: 'select=name,mark(value)&mark.not.or=(value.eq.1,value.eq.5)&limit=1',
    records: [{ name: 'Eve', mark: [{ value: 3 }] }],
  },
  {
    name: '!inner keeps the records that have one, filters included',
    of: student,
    search: 'select=name,mark!inner(value)&mark.value=lt.3',
    records: [
      { name: 'Eve', mark: [{ value: 1 }] },
      { name: 'Fay', mark: [{ value: 2 }] },
    ],
  },
  {
    name: '!inner reaches through levels',
    of: person,
    search: 'select=name,course!teacher!inner(title,student!inner(name))&course.student.name=eq.Fay',
    records: [{ name: 'Ada', course: [{ title: 'Art', student: [{ name: 'Fay' }] }] }],
  },
  {
    name: 'is.null on an embed asks for the records without one; an empty embed shows nothing',
    of: student,
    search: 'select=name,mark()&mark=is.null',
    records: [{ name: 'Gus' }],
  },
  {
    name: 'or over embeds',
    of: student,
    search:
      'select=name,m:mark(),courses()&m.value=eq.2&courses.title=eq.Math&or=(m.not.is.null,courses.not.is.null)',
    records: [{ name: 'Eve' }, { name: 'Fay' }],
  },
  {
    name: 'the field of one related record gives an order',
    of: course,
    search: 'select=title,teacher(name)&order=teacher(name).desc.nullslast,title&limit=3',
    records: [
      { title: 'Sport', teacher: { name: 'Bob' } },
      { title: 'Art', teacher: { name: 'Ada' } },
      { title: 'Math', teacher: { name: 'Ada' } },
    ],
  },
  {
    name: 'a spread embed adds its outputs to the record',
    of: course,
    search: 'select=title,...teacher(by:name,...room(where:name))&limit=2&order=title.desc',
    records: [
      { title: 'Void', by: null, where: null },
      { title: 'Sport', by: 'Bob', where: null },
    ],
  },
  {
    name: 'a spread embed of several records adds a list of each of its outputs',
    of: course,
    search:
      'select=title,...student(who:name,...mark(value))&student.order=name&student.mark.order=value&order=title',
    records: [
      { title: 'Art', who: ['Eve', 'Fay'], value: [[1, 3, 5], [2]] },
      { title: 'Math', who: ['Eve'], value: [[1, 3, 5]] },
      { title: 'Sport', who: [], value: [] },
      { title: 'Void', who: [], value: [] },
    ],
  },
  {
    name: 'an order by the number of related records',
    of: course,
    search: 'select=title&order=student(count).desc,title',
    records: [{ title: 'Art' }, { title: 'Math' }, { title: 'Sport' }, { title: 'Void' }],
  },
  {
    name: 'aggregates inside an embed',
    of: student,
    search: 'select=name,mark(count(),value.max())',
    records: [
      { name: 'Eve', mark: [{ count: 3, max: 5 }] },
      { name: 'Fay', mark: [{ count: 1, max: 2 }] },
      { name: 'Gus', mark: [{ count: 0, max: null }] },
    ],
  },
  {
    name: 'a row filter holds for embedded records and those in between',
    of: student,
    search: 'select=name,person(name),mark(value)&limit=1',
    records: [{ name: 'Eve', person: [{ name: 'Bob' }], mark: [{ value: 3 }] }],
  },
]

const threes: FilterNode = {
  kind: 'condition',
  field: { name: 'value', path: [], text: false },
  negated: false,
  operator: 'eq',
  value: '3',
}

const rowFilter = (entity: Entity) =>
  entity.name === 'mark' ? planFilter([threes], { ...schoolContext(entity), embeds: new Map() }) : undefined

t.test('embedded entities come in the same statement', async (t) => {
  const database: QueryDatabase = await openDatabase(t)
  await storeSchool(database)
  for (const { name, of, search, records } of scenarios) {
    t.test(name, async (t) => {
      const more = name.startsWith('a row filter') ? { rowFilter } : {}
      t.strictSame(await database.list(search, schoolContext(of, more)), records)
    })
  }

  t.test('the embedded record takes the place of the id that * brings', async (t) => {
    const [math] = await database.list('select=*,tutor(name)&limit=1', schoolContext(course))
    t.match(math, { title: 'Math', teacher: idOf(1), tutor: { name: 'Bob' } })
  })

  t.test('a cursor pages over an order by a related record', async (t) => {
    const context = schoolContext(course)
    const search = 'select=title,teacher(name)&order=teacher(name).nullsfirst&limit=3'
    const { nextCursor } = await database.page(search, context)
    t.strictSame(await database.list(`${search}&cursor=${nextCursor}`, context), [
      { title: 'Sport', teacher: { name: 'Bob' } },
    ])
  })
})

t.test('what leads nowhere, or to more than one place, is refused', async (t) => {
  const refusals: [Entity, string, number, RegExp][] = [
    [course, 'select=person(*)', 300, /more than one/],
    [person, 'select=course(*)', 300, /more than one/],
    [person, 'select=course!nothing(*)', 400, /no relation/],
    [course, 'select=nothing(*)', 400, /no relation/],
    [course, 'select=title(*)', 400, /no relation/],
    [course, 'select=teacher(secret)', 400, /no field "secret"/],
    [course, 'select=teacher(*)&teacher.secret=eq.x', 400, /no field "secret"/],
    [course, 'select=teacher(*)&order=teacher(secret)', 400, /no field "secret"/],
    [course, 'teacher.name=eq.x', 400, /not embedded/],
    [course, 'select=student(*)&order=student(name)', 400, /several records/],
    [course, 'select=...student(count())', 400, /takes no aggregates/],
    [course, 'select=title&order=student(name)', 400, /not embedded/],
    [course, 'select=title,student(name)&order=student(name)', 400, /several records/],
    [course, 'select=title,title:hours', 400, /two outputs/],
    [mark, 'select=a:of(courses(student(mark(of(courses(*))))))', 400, /levels deep/],
    [
      room,
      `select=${Array(21)
        .fill('keeper(name)')
        .map((e, at) => `a${at}:${e}`)}`,
      400,
      /at most 20/,
    ],
  ]
  for (const [of, search, status, detail] of refusals) {
    t.test(search.slice(0, 60), async (t) => {
      try {
        plan(search, schoolContext(of))
        t.fail('planned')
      } catch (error) {
        t.type(error, Problem)
        t.equal((error as Problem).kind.status, status)
        t.match((error as Problem).message, detail)
      }
    })
  }
})

t.test('an unreadable relation field leads nowhere', async (t) => {
  const readable = ({ name }: { name: string }) => name !== 'teacher' && name !== 'tutor'
  for (const [of, search] of [
    [course, 'select=teacher(*)'],
    [person, 'select=course(*)'],
    [course, 'select=person(*)'],
  ] as const)
    t.throws(() => plan(search, schoolContext(of, { readable })), { message: /no relation leads there/ })
})
