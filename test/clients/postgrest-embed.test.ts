// @supabase/postgrest-js, unmodified, reads related records, groups and CSV.
import t from 'tap'
import { startSchool } from '../support/clients/school.ts'

t.test('postgrest-js embeds, aggregates and exports', async (t) => {
  const { client, ada, math } = await startSchool(t)

  await t.test('a related record, forward', async (t) => {
    const { data } = await client.from('course').select('title, teacher(name)').order('title')
    t.same(data, [
      { title: 'Art', teacher: { name: 'Ada' } },
      { title: 'Math', teacher: { name: 'Ada' } },
      { title: 'Sport', teacher: { name: 'Bob' } },
      { title: 'Void', teacher: null },
    ])
  })

  await t.test('related records, backward, ordered and limited', async (t) => {
    const { data } = await client
      .from('teacher')
      .select('name, course(title)')
      .order('title', { referencedTable: 'course', ascending: false })
      .limit(1, { referencedTable: 'course' })
      .order('name')
    t.same(data, [
      { name: 'Ada', course: [{ title: 'Math' }] },
      { name: 'Bob', course: [{ title: 'Sport' }] },
    ])
  })

  await t.test('related records, many to many, under an alias, three levels deep', async (t) => {
    const { data } = await client
      .from('student')
      .select('name, taken:courses(title, teacher(name))')
      .eq('name', 'Fay')
    t.same(data, [{ name: 'Fay', taken: [{ title: 'Art', teacher: { name: 'Ada' } }] }])
    const back = await client.from('course').select('title, student(name)').eq('id', math).single()
    t.same(back.data, { title: 'Math', student: [{ name: 'Eve' }] })
  })

  await t.test('inner, with filters on what is embedded', async (t) => {
    const { data } = await client
      .from('course')
      .select('title, teacher!inner(name)')
      .eq('teacher.name', 'Ada')
    t.same(
      data?.map(({ title }) => title),
      ['Math', 'Art'],
    )
    const left = await client.from('teacher').select('name, course(title)').eq('course.hours', 4)
    t.same(left.data, [
      { name: 'Ada', course: [{ title: 'Math' }] },
      { name: 'Bob', course: [] },
    ])
    const either = await client
      .from('teacher')
      .select('name, course!inner(title)')
      .or('hours.eq.4,title.eq.Sport', { referencedTable: 'course' })
    t.same(either.data, [
      { name: 'Ada', course: [{ title: 'Math' }] },
      { name: 'Bob', course: [{ title: 'Sport' }] },
    ])
    const without = await client.from('course').select('title, teacher()').is('teacher', null)
    t.same(without.data, [{ title: 'Void' }])
  })

  await t.test('ordered by a field of the related record', async (t) => {
    const { data } = await client
      .from('course')
      .select('title, teacher(name)')
      .order('teacher(name)', { ascending: false, nullsFirst: false })
      .order('title')
    t.same(
      data?.map(({ title }) => title),
      ['Sport', 'Art', 'Math', 'Void'],
    )
  })

  await t.test('spread into the record', async (t) => {
    const { data } = await client.from('course').select('title, ...teacher(by:name)').eq('id', math)
    t.same(data, [{ title: 'Math', by: 'Ada' }])
  })

  await t.test('aggregates', async (t) => {
    t.same((await client.from('course').select('count()')).data, [{ count: 4 }])
    t.same((await client.from('course').select('fee.sum(), hours.max()')).data, [{ sum: '10.30', max: 4 }])
    const { data } = await client.from('course').select('teacher, n:count()').eq('teacher', ada)
    t.same(data, [{ teacher: ada, n: 2 }])
    t.same((await client.from('teacher').select('name, course(count)').eq('id', ada)).data, [
      { name: 'Ada', course: [{ count: 2 }] },
    ])
  })

  await t.test('what leads nowhere is refused with the ways that there are', async (t) => {
    const { error } = await client.from('course').select('title, room(name)')
    t.match(error, { code: 'unknown_relation', hint: /teacher/ })
  })
})
