// `explain=access`: what it says of somebody else's access, to whom, and what it keeps from those who are no admins.
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { visitor } from '../support/access/workload.ts'
import { addUser, as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

type Send = ReturnType<typeof as>

const PAY = {
  entity_name: 'pay',
  fields: [
    { name: 'title', type: 'string' },
    { name: 'salary', type: 'integer' },
    { name: 'grade', type: 'integer' },
  ],
}

const idOf = (answer: Awaited<ReturnType<Send>>) =>
  String(answer.headers.location).split('/').at(-1) as string

async function start(t: Test, permission: object) {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', PAY)
  await admin('PUT', '/schemas/pay/permissions/clerk', permission)
  const carl = await addUser(app, 'carl', 'clerk')
  const clerk = as(app, carl.tokens.access_token)
  const make = async (body: object) => idOf(await admin('POST', '/pay', body))
  return { app, admin, clerk, carl, make }
}

t.test('an admin is told why a record is hidden from a user', async (t) => {
  const { admin, carl, make } = await start(t, {
    read: 'and=(grade.gte.3,or(created_by.eq.$user.id,title.eq.open))',
    fields: { read: ['title', 'grade'] },
  })
  const id = await make({ title: 'shut', salary: 77, grade: 5 })
  const { id: adminId } = (await admin('GET', '/auth/me')).json()
  const answer = await admin('GET', `/pay/${id}?explain=access&as=user:carl`)
  t.equal(answer.statusCode, 200, answer.body)
  t.equal(answer.headers['cache-control'], 'private, no-cache')
  const { as: who, permission, verbs, fields } = answer.json()
  t.equal(who, 'user:carl')
  t.match(permission, { source: /^PUT by admin, \d{4}-.*Z$/, role: 'clerk', create: false })
  t.strictSame(verbs.read, {
    allowed: false,
    rule: 'and=(grade.gte.3,or(created_by.eq.$user.id,title.eq.open))',
    conditions: [
      { condition: 'grade=gte.3', value: 5, holds: true },
      { condition: `created_by=eq.${carl.id}`, value: adminId, holds: false },
      { condition: 'title=eq.open', value: 'shut', holds: false },
    ],
  })
  t.strictSame(verbs.create, { allowed: false, rule: false, because: 'not granted to clerk' })
  t.strictSame(fields.salary, {
    read: false,
    write: false,
    because: 'not in fields.read of clerk; clerk may neither create nor change records',
  })
  t.match(fields.created_by, { read: false, write: false })
  const [entry] = (await admin('GET', '/audit?action=eq.access.explain')).json()
  t.match(entry, { actor: 'admin', target: 'pay', details: { as: 'user:carl', id } })
})

t.test('a value that is not there is neither equal nor unequal, and nobody is a role', async (t) => {
  const { admin, make } = await start(t, { read: 'grade=neq.3&created_by=eq.$user.id&salary=is.null' })
  const id = await make({ title: 'a' })
  const answer = await admin('GET', `/pay/${id}?explain=access&as=role:clerk`)
  t.strictSame(
    answer.json().verbs.read.conditions.map(({ condition, holds }: never) => [condition, holds]),
    [
      ['grade=neq.3', null],
      ['created_by=eq.$user.id', null],
      ['salary=is.null', true],
    ],
  )
})

t.test('a list is counted, and five of the hidden records say what they fail', async (t) => {
  const { admin, clerk, make } = await start(t, { read: 'or=(grade.gte.8,not.and(title.eq.x,salary.gt.0))' })
  const ids: string[] = []
  for (let grade = 1; grade <= 9; grade++) ids.push(await make({ title: 'x', salary: 1, grade }))
  const { visible, total, hidden, filter } = (await admin('GET', '/pay?explain=access&as=user:carl')).json()
  t.strictSame([visible, total, hidden.length], [2, 9, 5])
  t.equal(filter, 'or=(grade.gte.8,not.and(title.eq.x,salary.gt.0))')
  t.strictSame(hidden[0], {
    id: ids[0],
    conditions: [
      { condition: 'grade=gte.8', value: 1, holds: false },
      { condition: 'title=not.eq.x', value: 'x', holds: false },
      { condition: 'salary=not.gt.0', value: 1, holds: false },
    ],
  })
  const some = (await admin('GET', '/pay?explain=access&as=user:carl&grade=gt.6')).json()
  t.match(some, { visible: 2, total: 3, hidden: [{ id: ids[6] }] })
  const own = (await clerk('GET', '/pay?explain=access')).json()
  t.match(own, { as: 'user:carl', visible: 2, total: 2 })
  t.strictSame(own.hidden, [], 'of others nothing is told')
})

t.test('a long value is cut, and a list of conditions beyond any row is answered', async (t) => {
  const many = Array.from({ length: 99 }, (_, n) => `salary.eq.${n}`).join(',')
  const { admin, make } = await start(t, {
    read: `or=(${many})`,
    update: `or=(${many})`,
    delete: `or=(${many})`,
  })
  await admin('PUT', '/schemas/pay/permissions/user', { read: 'title=eq.a' })
  const id = await make({ title: 'é'.repeat(5000), salary: 5 })
  const one = await admin('GET', `/pay/${id}?explain=access&as=role:clerk`)
  t.match(one.json().verbs, { read: { allowed: true }, delete: { allowed: true } })
  const cut = (await admin('GET', `/pay/${id}?explain=access&as=role:user`)).json()
  t.equal(cut.verbs.read.conditions[0].value.length, 1001)
})

t.test('a rule that names a dropped field is named', async (t) => {
  const { admin, clerk, make } = await start(t, { read: 'grade=gte.3', update: true })
  const id = await make({ title: 'a', grade: 5 })
  const fields = PAY.fields.filter(({ name }) => name !== 'grade')
  const body = { ...PAY, fields }
  const plan = (await admin('POST', '/schemas/pay/preview', body)).json()
  const dropped = await admin('PUT', `/schemas/pay?plan=${plan.plan ?? plan.id}`, body)
  t.equal(dropped.statusCode, 200, dropped.body)
  const because = 'the rule stopped working: it names "grade", a field that is gone'
  const { verbs } = (await admin('GET', `/pay/${id}?explain=access&as=user:carl`)).json()
  t.strictSame(verbs.read, { allowed: false, rule: 'grade=gte.3', because })
  t.match(verbs.update, { allowed: false, because: /clerk may read no record/ })
  t.match((await admin('GET', '/pay?explain=access&as=user:carl')).json(), {
    filter: false,
    visible: 0,
    total: 1,
  })
  const own = (await clerk('GET', `/pay/${id}?explain=access`)).json()
  t.strictSame(own.verbs.read, { allowed: false, rule: null, because: 'the rule stopped working' })
})

t.test('who is no admin asks of themselves, and learns what they may see', async (t) => {
  const { admin, clerk, make } = await start(t, {
    read: 'salary=lt.50',
    update: 'title=eq.mine',
    fields: { read: ['title'] },
  })
  const [seen, hidden] = [await make({ title: 'mine', salary: 10 }), await make({ title: 'no', salary: 99 })]
  const answer = await clerk('GET', `/pay/${seen}?explain=access`)
  const { verbs, fields, permission } = answer.json()
  t.strictSame(permission, { source: 'set for clerk', role: 'clerk' })
  t.strictSame(verbs.read, { allowed: true, rule: null, conditions: [] })
  t.strictSame(verbs.update.conditions, [{ condition: 'title=eq.mine', value: 'mine', holds: true }])
  t.strictSame(Object.keys(fields), ['title'])
  t.notMatch(answer.body, /salary|grade/)
  const [missing, unseen] = [
    await clerk('GET', '/pay/01900000-0000-7000-8000-000000000000?explain=access'),
    await clerk('GET', `/pay/${hidden}?explain=access`),
  ]
  t.strictSame([missing.statusCode, unseen.statusCode], [404, 404])
  const same = (body: string) => ({ ...JSON.parse(body), request_id: '' })
  t.strictSame(same(missing.body), same(unseen.body))
  t.equal((await clerk('GET', '/pay?explain=access&salary=gt.1')).statusCode, 400, 'unknown in filters, too')
  t.strictSame((await admin('GET', '/audit?action=eq.access.explain')).json(), [])
  for (const other of ['user:admin', 'user:nobody', 'role:clerk', 'role:admin', 'x', '']) {
    const refused = await clerk('GET', `/pay/${seen}?explain=access&as=${other}`)
    t.match([refused.statusCode, refused.json().code], [403, 'forbidden'], other)
  }
  t.equal((await clerk('GET', `/pay/${seen}?explain=access&as=user:carl`)).statusCode, 200)
})

t.test('who may read nothing learns what they may do, and nothing of the record', async (t) => {
  const { app, admin, clerk, make } = await start(t, { create: 'title=eq.a', fields: { read: ['title'] } })
  const id = await make({ title: 'a' })
  for (const one of [id, '01900000-0000-7000-8000-000000000000']) {
    const { verbs, fields } = (await clerk('GET', `/pay/${one}?explain=access`)).json()
    t.match(verbs, {
      read: { allowed: false, because: 'not granted to clerk' },
      create: { allowed: true, rule: null },
    })
    t.match(fields, { title: { read: false, write: true } })
  }
  t.match((await clerk('GET', '/pay?explain=access')).json(), { visible: 0, total: 0, hidden: [] })
  const anyone = visitor(app)
  t.equal((await anyone('GET', `/pay/${id}?explain=access`)).statusCode, 401)
  await admin('PUT', '/schemas/pay/permissions/anonymous', {
    read: 'title=eq.a',
    fields: { read: ['title'] },
  })
  const own = (await anyone('GET', `/pay/${id}?explain=access`)).json()
  t.match(own, { as: 'role:anonymous', verbs: { read: { allowed: true, conditions: [{ holds: true }] } } })
  t.strictSame(Object.keys(own.fields), ['title'])
  t.equal((await anyone('GET', `/pay/${id}?explain=access&as=user:carl`)).statusCode, 401)
})

async function otherTenant(app: FastifyInstance, admin: Send) {
  await admin('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password: 'a good password' } })
  return as(app, (await signIn(app, 'acme/boss', 'a good password')).access_token)
}

t.test('hostile subjects and questions are refused, and another tenant is not there', async (t) => {
  const { app, admin, make } = await start(t, { read: true })
  const id = await make({ title: 'a' })
  const boss = await otherTenant(app, admin)
  t.equal((await boss('GET', `/pay/${id}?explain=access&as=role:user`)).statusCode, 404)
  const subjects = [
    'user:boss',
    'user:acme/boss',
    'user:',
    'role:',
    'role:none',
    'role:__proto__',
    'carl',
    '',
  ]
  for (const subject of [
    ...subjects,
    "user:' or true--",
    `user:${'x'.repeat(20_000)}`,
    'role:constructor',
    'key:a',
  ]) {
    const answer = await admin('GET', `/pay/${id}?explain=access&as=${encodeURIComponent(subject)}`)
    t.match([answer.statusCode, answer.json().code], [400, 'unknown_subject'], subject.slice(0, 40))
    t.match(answer.json().hint, /as=user:NAME.*admin, user, anonymous, clerk/)
    t.ok(answer.body.length < 1000)
  }
  const questions = ['explain=plan', 'explain=', 'explain=access&explain=access', 'explain=access&as=a&as=b']
  for (const question of [...questions, 'explain=access&as=%00', 'explain=access&as=%ff'])
    for (const path of ['/pay', `/pay/${id}`])
      t.equal((await admin('GET', `${path}?${question}`)).statusCode, 400, `${path} ${question}`)
  for (const more of ['limit=1', 'select=title', 'order=title', 'title=eq', 'nothing=eq.a', 'x.y=eq.a'])
    t.equal((await admin('GET', `/pay?explain=access&${more}`)).statusCode, 400, more)
  t.equal((await admin('GET', `/pay/${id}?explain=access&title=eq.a`)).statusCode, 400)
  t.equal((await admin('GET', '/pay/x?explain=access')).statusCode, 404)
  t.equal((await admin('GET', '/nothing?explain=access')).statusCode, 404)
  t.equal((await admin('PATCH', '/pay?explain=access', { title: 'b' })).statusCode, 400)
})

t.test('a disabled user is said to be one, and names count without case', async (t) => {
  const { admin, carl, make } = await start(t, { read: true })
  const id = await make({ title: 'a' })
  await admin('PATCH', `/auth/users/${carl.id}`, { active: false })
  t.match((await admin('GET', `/pay/${id}?explain=access&as=user:CARL`)).json(), {
    as: 'user:carl',
    disabled: true,
  })
})

t.test('conditions on system columns show their values, and former names go on working', async (t) => {
  const rule = 'id=not.is.null&created_at=gt.2020-01-01&updated_by=eq.$user.id&updated_at=lt.2020-01-01'
  const { admin, make } = await start(t, { read: rule })
  const id = await make({ title: 'a', grade: 4 })
  const stored = (await admin('GET', `/pay/${id}`)).json()
  const { conditions } = (await admin('GET', `/pay/${id}?explain=access&as=user:carl`)).json().verbs.read
  t.strictSame(
    conditions.map(({ value, holds }: { value: unknown; holds: unknown }) => [value, holds]),
    [
      [id, true],
      [stored.created_at, true],
      [stored.updated_by, false],
      [stored.updated_at, false],
    ],
  )
  const renamed = await admin('POST', '/schemas/pay/rename', { fields: { grade: 'level' } })
  t.equal(renamed.statusCode, 200, renamed.body)
  const former = await admin('GET', '/pay?explain=access&as=user:carl&grade=eq.4')
  t.match(former.json(), { visible: 0, total: 1 }, former.body)
  t.ok(former.headers.deprecation)
})
