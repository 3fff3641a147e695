// @supabase/postgrest-js, unmodified, writes: inserts, upserts, updates and deletes with everything that modifies them.
import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import { startSchool } from '../support/clients/school.ts'

t.test('postgrest-js writes', async (t) => {
  const { client, addClient, ada, math, students } = await startSchool(t)
  const [eve, fay] = students
  const count = async () => (await client.from('student').select('*', { count: 'exact', head: true })).count
  const emails = async () => (await client.from('student').select('email').not('email', 'is', null)).data

  await t.test('inserts one and many, with and without select', async (t) => {
    const one = await client.from('teacher').insert({ name: 'Cy' })
    t.match(one, { status: 201, error: null })
    const selected = await client.from('teacher').insert({ name: 'Di' }).select()
    t.match(selected, { status: 201, data: [{ name: 'Di', room: null, id: String }] })
    const single = await client.from('teacher').insert({ name: 'Ed' }).select('name').single()
    t.match(single, { status: 201, data: { name: 'Ed' } })
    const first = await client.from('teacher').insert({ name: 'Ef' }).select('name').limit(1).single()
    t.match(first, { status: 201, data: { name: 'Ef' } })
    const many = await client
      .from('teacher')
      .insert([{ name: 'F' }, { name: 'G', room: '1' }])
      .select('name,room')
    t.same(many.data, [
      { name: 'F', room: null },
      { name: 'G', room: '1' },
    ])
    const counted = await client.from('teacher').insert([{ name: 'H' }, { name: 'I' }], { count: 'exact' })
    t.match(counted, { status: 201, count: 2 })
    t.match(await client.from('teacher').insert([]).select(), { status: 201, data: [] })
  })

  await t.test('inserts null for what a row of many lacks, or the default', async (t) => {
    const rows = [{ name: 'N1' }, { name: 'N2', level: 'b' }]
    const nulls = await client.from('student').insert(rows).select('name,level')
    t.same(nulls.data, [
      { name: 'N1', level: null },
      { name: 'N2', level: 'b' },
    ])
    const defaults = await client.from('student').insert(rows, { defaultToNull: false }).select('name,level')
    t.same(defaults.data, [
      { name: 'N1', level: 'a' },
      { name: 'N2', level: 'b' },
    ])
    t.same(
      (
        await client
          .from('student')
          .insert([{ name: 'N3' }])
          .select('level')
      ).data,
      [{ level: 'a' }],
    )
  })

  await t.test('answers with related records', async (t) => {
    const made = await client
      .from('course')
      .insert({ title: 'Latin', teacher: ada })
      .select('title, teacher(name)')
      .single()
    t.same(made.data, { title: 'Latin', teacher: { name: 'Ada' } })
    const changed = await client
      .from('teacher')
      .update({ room: '7' })
      .eq('id', ada)
      .select('room, course(title)')
    t.same(changed.data, [{ room: '7', course: [{ title: 'Math' }, { title: 'Art' }, { title: 'Latin' }] }])
    const ordered = await client
      .from('teacher')
      .insert([{ name: 'Y' }, { name: 'X' }])
      .select('name')
      .order('name')
    t.same(ordered.data, [{ name: 'X' }, { name: 'Y' }])
  })

  await t.test('refuses in its shape', async (t) => {
    const before = await count()
    const taken = await client.from('student').insert({ name: 'x', email: 'eve@example.com' })
    t.match(taken, { status: 409, error: { code: 'unique_conflict', message: /email/ } })
    const invalid = await client.from('student').insert([{ name: 'x' }, { name: 'y', age: -1 }])
    t.match(invalid, { status: 400, error: { code: 'invalid_body', errors: [{ pointer: '/age', row: 1 }] } })
    const lost = await client.from('student').insert({ name: 'x', courses: [uuidv7()] })
    t.match(lost, { status: 409, error: { code: 'reference_conflict' } })
    await t.rejects(Promise.resolve(client.from('student').insert({ nope: 1 }).throwOnError()), {
      name: 'PostgrestError',
      code: 'invalid_body',
    })
    t.equal(await count(), before)
  })

  await t.test('upserts by id', async (t) => {
    const merged = await client.from('student').upsert({ id: eve.id, name: 'Eva' }).select()
    t.match(merged, { status: 200, data: [{ id: eve.id, name: 'Eva', age: 20, courses: eve.courses }] })
    const id = uuidv7()
    const made = await client.from('student').upsert({ id, name: 'New' }).select('id,level')
    t.match(made, { status: 201, data: [{ id, level: 'a' }] })
    const noId = await client.from('student').upsert({ name: 'New too' }).select('id').single()
    t.match(noId, { status: 201, data: { id: String } })
    await client.from('student').upsert({ id: eve.id, name: 'Eve' })
  })

  await t.test('upserts on a unique field, and on several', async (t) => {
    const rows = [
      { name: 'Eve', email: 'eve@example.com', age: 21 },
      { name: 'Zoe', email: 'zoe@example.com', age: 5 },
    ]
    const merged = await client
      .from('student')
      .upsert(rows, { onConflict: 'email' })
      .select('email,age,active')
    t.match(merged, {
      status: 201,
      data: [
        { email: 'eve@example.com', age: 21, active: true },
        { email: 'zoe@example.com', age: 5, active: null },
      ],
    })
    const ignored = await client
      .from('student')
      .upsert(
        rows.map((row) => ({ ...row, age: 99 })),
        { onConflict: 'email', ignoreDuplicates: true },
      )
      .select()
    t.match(ignored, { status: 201, data: [] })
    const composite = { name: 'Zed', class: '2' }
    await client.from('student').upsert(composite, { onConflict: 'name,class' })
    const again = await client
      .from('student')
      .upsert({ ...composite, age: 3 }, { onConflict: 'class,name', count: 'exact' })
      .select('name,age')
    t.match(again, { status: 200, count: 1, data: [{ name: 'Zed', age: 3 }] })
    const none = await client.from('student').upsert(composite, { onConflict: 'age' })
    t.match(none, { status: 400, error: { message: /unique constraint/ } })
  })

  await t.test('upserts with defaults for the rows that are new', async (t) => {
    const rows = [
      { name: 'U1', email: 'u1@example.com' },
      { name: 'U2', email: 'u2@example.com', level: 'b' },
    ]
    const options = { onConflict: 'email', defaultToNull: false }
    await client.from('student').upsert(rows, options)
    const [u1] = (await client.from('student').upsert(rows, options).select('level')).data ?? []
    t.same(u1, { level: 'a' })
  })

  await t.test('updates by filter', async (t) => {
    t.match(await client.from('student').update({ age: 30 }).eq('id', eve.id), { status: 204, data: null })
    const some = await client
      .from('student')
      .update({ active: true }, { count: 'exact' })
      .in('name', ['Eve', 'Fay'])
      .select('name,active')
    t.match(some, { status: 200, count: 2, data: [{ active: true }, { active: true }] })
    const one = await client
      .from('student')
      .update({ courses: [math] })
      .eq('id', fay.id)
      .select('courses')
      .single()
    t.same(one.data, { courses: [math] })
    const none = await client.from('student').update({ age: 1 }).eq('name', 'nobody').select()
    t.match(none, { status: 200, data: [] })
    const notOne = await client
      .from('student')
      .update({ age: 1 })
      .in('name', ['Eve', 'Fay'])
      .select()
      .single()
    t.match(notOne, { status: 406, error: { code: 'PGRST116', details: 'The result contains 2 rows' } })
    t.match(await client.from('student').update({ age: 1 }).eq('name', 'x').select().maybeSingle(), {
      data: null,
    })
    t.same((await client.from('student').select('age').eq('id', eve.id).single()).data, { age: 30 })
    t.match(await client.from('student').update({ age: 1 }), {
      status: 400,
      error: { code: 'filter_required' },
    })
    t.match(await client.from('student').update({ age: 'x' }).eq('id', eve.id), { status: 400 })
  })

  await t.test('deletes by filter', async (t) => {
    const { data } = await client
      .from('student')
      .insert([{ name: 'D1' }, { name: 'D2' }, { name: 'D3' }])
      .select()
    const [d1, d2, d3] = (data ?? []).map(({ id }) => id)
    t.match(await client.from('student').delete().eq('id', d1), { status: 204 })
    const told = await client.from('student').delete({ count: 'exact' }).in('id', [d1, d2]).select('name')
    t.match(told, { status: 200, count: 1, data: [{ name: 'D2' }] })
    const one = await client.from('student').delete().eq('id', d3).select('name, courses(title)').single()
    t.same(one.data, { name: 'D3', courses: [] })
    t.match(await client.from('student').delete(), { status: 400, error: { code: 'filter_required' } })
    t.match(await client.from('course').delete().eq('id', math), {
      status: 409,
      error: { code: 'reference_conflict' },
    })
  })

  await t.test('affects no more than maxAffected, nothing at all in a rollback', async (t) => {
    const before = await emails()
    const many = await client.from('student').update({ age: 1 }).not('email', 'is', null).maxAffected(1)
    t.match(many, { status: 400, error: { code: 'PGRST124', details: /The query affects \d rows/ } })
    const few = await client.from('student').update({ age: 31 }).eq('id', eve.id).select('age').maxAffected(1)
    t.match(few, { status: 200, data: [{ age: 31 }] })
    t.match(await client.from('student').delete().not('email', 'is', null).maxAffected(1), { status: 400 })
    const trial = await client.from('student').delete().not('email', 'is', null).select('email').rollback()
    t.same(trial.data, before)
    const insert = await client
      .from('student')
      .insert({ name: 'T', email: 't@example.com' })
      .select('name')
      .rollback()
    t.match(insert, { status: 201, data: [{ name: 'T' }] })
    const upsert = await client.from('student').upsert({ id: eve.id, name: 'T' }).select('name').rollback()
    t.match(upsert, { status: 200, data: [{ name: 'T' }] })
    t.same(await emails(), before)
  })

  await t.test("a user changes only what is his, and cannot take another's value", async (t) => {
    const user = await addClient('ursula')
    t.match(await user.from('student').update({ age: 1 }).eq('id', eve.id).select(), {
      status: 200,
      data: [],
    })
    t.match(await user.from('student').delete().eq('id', eve.id).select(), { status: 200, data: [] })
    const mine = await user.from('student').insert({ name: 'mine' }).select().single()
    const all = await user.from('student').update({ age: 2 }).not('id', 'is', null).select('id')
    t.same(all.data, [{ id: mine.data.id }])
    const merge = await user
      .from('student')
      .upsert({ name: 'x', email: 'eve@example.com' }, { onConflict: 'email' })
    t.match(merge, { status: 409, error: { code: 'unique_conflict' } })
    const byId = await user.from('student').upsert({ id: eve.id, name: 'x' })
    t.match(byId, { status: 409, error: { code: 'unique_conflict' } })
  })
})
