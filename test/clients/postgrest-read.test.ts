// @supabase/postgrest-js, unmodified, reads: every filter and modifier that it offers for what this server has.
import t from 'tap'
import { startSchool } from '../support/clients/school.ts'

interface Answer {
  data: unknown
  error: { message: string } | null
}

t.test('postgrest-js reads', async (t) => {
  const { client, students, math } = await startSchool(t)
  const student = () => client.from('student').select('name')
  const [eve, fay, gus, hal] = students

  /** The names that a query gives, in their order. */
  const names = async (query: PromiseLike<Answer>) => {
    const { data, error } = await query
    return error === null ? (data as { name: string }[]).map(({ name }) => name.slice(0, 3)) : error.message
  }

  await t.test('selects', async (t) => {
    const all = await client.from('student').select()
    t.equal(all.status, 200)
    t.same(all.data, students)
    t.same((await client.from('student').select('id, name, years:age')).data?.[0], {
      id: eve.id,
      name: 'Eve',
      years: 20,
    })
    t.same((await client.from('student').select('name,meta->a->>b').eq('id', fay.id)).data, [
      { name: 'Fay', b: '1' },
    ])
  })

  const filters: [string, PromiseLike<Answer>, string[]][] = [
    ['eq', student().eq('name', 'Eve'), ['Eve']],
    ['eq of a value with a comma and brackets', student().eq('name', hal.name), ['van']],
    ['neq', student().neq('age', 20), ['Fay', 'Gus']],
    ['gt', student().gt('age', 9), ['Eve', 'Gus']],
    ['gte', student().gte('age', 10), ['Eve', 'Gus']],
    ['lt', student().lt('age', 10), ['Fay']],
    ['lte', student().lte('age', 10), ['Fay', 'Gus']],
    ['like', student().like('name', '%a%'), ['Fay', 'van']],
    ['likeAnyOf', student().likeAnyOf('name', ['E%', 'G%']), ['Eve', 'Gus']],
    ['likeAllOf', student().likeAllOf('name', ['%a%', '%y']), ['Fay']],
    ['ilike', student().ilike('name', 'e%'), ['Eve']],
    ['ilikeAnyOf', student().ilikeAnyOf('name', ['e%', 'g%']), ['Eve', 'Gus']],
    ['ilikeAllOf', student().ilikeAllOf('name', ['%A%', '%Y']), ['Fay']],
    ['is null', student().is('age', null), ['van']],
    ['is true', student().is('active', true), ['Eve']],
    ['is false', student().is('active', false), ['Fay']],
    ['isDistinct', student().isDistinct('age', 20), ['Fay', 'Gus', 'van']],
    ['in', student().in('age', [20, 9]), ['Eve', 'Fay']],
    ['in of a value with a comma and brackets', student().in('name', ['Eve', hal.name]), ['Eve', 'van']],
    ['in of nothing', student().in('age', []), []],
    ['notIn', student().notIn('age', [20, 9]), ['Gus']],
    ['contains of an array', student().contains('tags', ['y']), ['Eve', 'Fay']],
    ['contains of an object', student().contains('meta', { a: { b: 1 } }), ['Fay']],
    ['containedBy', student().containedBy('tags', ['y', 'z']), ['Fay', 'Gus']],
    ['overlaps', student().overlaps('tags', ['x', 'z']), ['Eve']],
    ['match', student().match({ name: 'Eve', age: 20 }), ['Eve']],
    ['not', student().not('age', 'is', null), ['Eve', 'Fay', 'Gus']],
    ['not in', student().not('age', 'in', '(20,9)'), ['Gus']],
    ['or', student().or('age.eq.20,name.eq.Gus'), ['Eve', 'Gus']],
    ['or with and inside', student().or('age.eq.20,and(age.gt.5,name.like.F*)'), ['Eve', 'Fay']],
    ['filter', student().filter('age', 'gte', 20), ['Eve']],
    ['filter with in', student().filter('name', 'in', '("Eve","Gus")'), ['Eve', 'Gus']],
    ['a JSON path', student().eq('meta->>a', 'text'), ['Gus']],
    ['two filters on one field', student().gt('age', 9).lt('age', 20), ['Gus']],
    ['a relation', student().contains('courses', [math]), ['Eve']],
    ['order', student().order('age'), ['Fay', 'Gus', 'Eve', 'van']],
    ['order, descending', student().order('age', { ascending: false }), ['van', 'Eve', 'Gus', 'Fay']],
    ['order, nulls first', student().order('age', { nullsFirst: true }), ['van', 'Fay', 'Gus', 'Eve']],
    [
      'order by two',
      student().order('class', { nullsFirst: true }).order('age'),
      ['Fay', 'Gus', 'Eve', 'van'],
    ],
    ['limit', student().order('age').limit(2), ['Fay', 'Gus']],
    ['range', student().order('age').range(1, 2), ['Gus', 'Eve']],
  ]
  for (const [name, query, expected] of filters) {
    await t.test(`filters and orders with ${name}`, async (t) => t.same(await names(query), expected))
  }

  await t.test('counts', async (t) => {
    for (const count of ['exact', 'planned', 'estimated'] as const) {
      const { data, count: total } = await client.from('student').select('*', { count }).limit(2)
      t.equal(data?.length, 2)
      t.type(total, 'number', count)
    }
    const head = await client.from('student').select('*', { count: 'exact', head: true }).gt('age', 9)
    t.match(head, { status: 200, data: null, error: null, count: 2 })
    const page = await client.from('student').select('*', { count: 'exact' }).range(2, 9)
    t.match(page, { count: 4, data: { length: 2 } })
    const beyond = await client.from('student').select('*', { count: 'exact' }).range(4, 9)
    t.match(beyond, { count: 4, data: [], error: null }, 'the page after the last one is empty')
    const far = await client.from('student').select('*', { count: 'exact' }).range(5, 9)
    t.match(far, { status: 416, error: { code: 'PGRST103' } })
  })

  await t.test('reads one', async (t) => {
    t.same((await client.from('student').select().eq('id', eve.id).single()).data, eve)
    t.match(await client.from('student').select().single(), {
      status: 406,
      data: null,
      error: { code: 'PGRST116', details: 'The result contains 4 rows', message: /.+/ },
    })
    t.match(await client.from('student').select().eq('name', 'nobody').single(), {
      status: 406,
      error: { code: 'PGRST116', details: 'The result contains 0 rows' },
    })
    t.same((await client.from('student').select().eq('id', gus.id).maybeSingle()).data, gus)
    t.match(await client.from('student').select().eq('name', 'nobody').maybeSingle(), {
      status: 200,
      data: null,
      error: null,
    })
    t.match(await client.from('student').select().maybeSingle(), { error: { code: 'PGRST116' } })
  })

  await t.test('reads and writes CSV', async (t) => {
    const read = await client.from('student').select('name,class,age,tags').order('age').limit(3).csv()
    t.match(read, { status: 200, error: null })
    t.equal(read.data, 'name,class,age,tags\nFay,,9,"[""y""]"\nGus,,10,[]\nEve,,20,"[""x"",""y""]"')
    const whole = await client.from('student').select('name').gt('age', 9).csv()
    t.same(whole.data?.split('\n'), ['name', 'Eve', 'Gus'], 'in lines that hold nothing else')
    const made = await client.from('teacher').insert({ name: '=Cy' }).select('name,room').csv()
    t.match(made, { status: 201, data: "name,room\n'=Cy," })
    const changed = await client.from('teacher').update({ room: '1' }).eq('name', '=Cy').select('room').csv()
    t.match(changed, { status: 200, data: 'room\n1' })
    t.match(await client.from('teacher').delete().eq('name', '=Cy').select('name').csv(), {
      data: "name\n'=Cy",
    })
    const refused = await client.from('student').select('nope').csv()
    t.match(refused, { status: 400, data: null, error: { code: 'unknown_field' } })
  })

  await t.test('gets no null where it asks for none', async (t) => {
    const { data, error } = await client
      .from('student')
      .select('name,class,meta')
      .eq('id', eve.id)
      .stripNulls()
    t.same(data, [{ name: 'Eve' }], String(error?.message))
    const one = await client.from('student').select('name,class').eq('id', eve.id).stripNulls().single()
    t.same(one.data, { name: 'Eve' })
  })

  await t.test('throws what the server refuses, in the shape that it expects', async (t) => {
    const { error } = await client.from('student').select('nope')
    t.match(error, { code: 'unknown_field', message: /nope/, hint: /name/ })
    const thrown = client.from('student').select('nope').throwOnError()
    await t.rejects(Promise.resolve(thrown), { name: 'PostgrestError', code: 'unknown_field', hint: /name/ })
    const wrong = await client.from('student').select().eq('age', 'abc')
    t.match(wrong, { status: 400, error: { message: /age/ } })
    t.match(await client.from('nope').select(), { status: 404, error: { code: 'entity_not_found' } })
  })

  await t.test('its schema headers change nothing', async (t) => {
    const other = client.schema('public')
    t.same((await other.from('student').select('name').eq('age', 20)).data, [{ name: 'Eve' }])
    t.equal((await other.from('student').update({ age: 20 }).eq('id', eve.id)).status, 204)
  })
})
