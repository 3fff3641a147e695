// docs/clients.md: its files compile, and do what the page says against a server.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { ADMIN, asAdmin, startWithAdmin } from '../support/app.ts'
import { examplesIn } from '../support/docs/examples.ts'
import { blocksOf, readPage } from '../support/docs/markdown.ts'
import { compile, writeRecipes } from '../support/docs/recipes.ts'

/** What TypeScript must refuse in a client of these types. */
const MISTAKES = `
import { addStudent, api } from './typed-calls.js'
import { db } from './typed-postgrest.js'
// @ts-expect-error: name is required
addStudent({ age: 20 })
// @ts-expect-error: no such value
addStudent({ name: 'Alice', level: 'master' })
// @ts-expect-error: no such path
api.GET('/teacher/')
// @ts-expect-error: no such filter
api.GET('/student/', { params: { query: { shoe_size: ['eq.44'] } } })
// @ts-expect-error: no such entity
db.from('teacher')
// @ts-expect-error: no such field
db.from('student').insert({ name: 'Alice', shoe_size: 44 })
`

const RENDER = `
import { renderToStaticMarkup } from 'react-dom/server'
import { EntityForm } from './form.js'
export const render = (props) => renderToStaticMarkup(EntityForm(props))
`

type Anything = Record<string, (...args: unknown[]) => unknown>

/** A call's refusal. */
async function refusalOf(call: unknown): Promise<unknown> {
  return (call as Promise<unknown>).then(
    () => undefined,
    (error: unknown) => error,
  )
}

t.test('the recipes for clients', async (t) => {
  const { app } = await startWithAdmin(t, { ACCESS_TOKEN_TTL: 61 })
  const admin = await asAdmin(app)
  for (const block of blocksOf(readPage('docs/clients.md')).filter(({ language }) => language === 'http'))
    for (const { method, url, body } of examplesIn(block))
      t.equal((await admin(method, url, body, { 'content-type': 'application/json' })).statusCode, 201)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.server.closeAllConnections())
  const folder = t.testdir({})
  const names = await writeRecipes(folder, address, (await admin('GET', '/docs/json')).body)
  await writeFile(join(folder, 'mistakes.ts'), MISTAKES)
  t.equal(await compile(folder, [...names, 'mistakes.ts']), '', 'compiles, and what is wrong does not')

  const load = async (name: string) => (await import(pathToFileURL(join(folder, name)).href)) as Anything
  const session = await load('session.js')

  await t.test('a session refreshes its token once for all calls', async (t) => {
    t.match(await refusalOf(session.accessToken?.()), { message: 'Sign in first.' })
    t.match(await refusalOf(session.signIn?.(ADMIN.username, 'wrong password')), { status: 401 })
    await session.signIn?.(ADMIN.username, ADMIN.password)
    const first = await session.accessToken?.()
    t.equal(await session.accessToken?.(), first, 'while it is valid it stays')
    await new Promise((resolve) => setTimeout(resolve, 1100))
    const [one, other] = await Promise.all([session.accessToken?.(), session.accessToken?.()])
    t.not(one, first)
    t.equal(one, other)
  })

  await t.test('typed calls', async (t) => {
    const calls = await load('typed-calls.js')
    const ada = (await calls.addStudent?.({ name: 'Ada', age: 36 })) as { id: string }
    await calls.addStudent?.({ name: 'Bob', age: 17 })
    t.match(ada, { name: 'Ada', age: 36, level: 'beginner' })
    t.match(await calls.adults?.(10, 0), [{ name: 'Ada' }])
    t.match(await calls.rename?.(ada.id, 'Ada L.'), { name: 'Ada L.', age: 36 })
    t.match(await refusalOf(calls.addStudent?.({ name: 'A' })), { errors: [{ pointer: '/name' }] })
  })

  await t.test('the typed PostgREST client', async (t) => {
    const [course] = [(await admin('POST', '/course/', { title: 'Logic' })).json()]
    await admin('PATCH', '/student?name=eq.Ada L.', { course: course.id })
    const { adultsWithCourses } = await load('typed-postgrest.js')
    t.same(await adultsWithCourses?.(), [{ name: 'Ada L.', title: 'Logic' }])
  })

  await t.test('React Admin gets its errors by field', async (t) => {
    const { dataProvider, fieldErrors } = (await load('react-admin.js')) as unknown as {
      dataProvider: Anything
      fieldErrors: (problem: unknown) => unknown
    }
    const create = (data: object) => refusalOf(dataProvider.create?.('student', { data }))
    t.match(await create({ name: 'A', age: -1, home: { zip: '123456' } }), {
      status: 400,
      body: {
        code: 'invalid_body',
        errors: {
          name: 'must have at least 2 characters',
          age: 'must be at least 0',
          'home.zip': 'must have at most 5 characters',
          root: { serverError: String },
        },
      },
    })
    const made = dataProvider.create?.('student', { data: { name: 'Eve', email: 'eve@example.com' } })
    t.match(await made, { data: { name: 'Eve', level: 'beginner' } })
    const taken = await create({ name: 'Eva', email: 'eve@example.com' })
    t.match(taken, { status: 409, body: { errors: { email: String } } }, 'a value that is taken, too')
    t.same(fieldErrors({ detail: 'No.', errors: [{ pointer: '', message: 'x' }] }), {
      root: { serverError: 'No.' },
    })
    const missing = dataProvider.getOne?.('nothing', { id: 'x' })
    t.notOk(Object.hasOwn(Object((await refusalOf(missing)) as object).body, 'errors'))
  })

  await t.test('forms', async (t) => {
    const form = (await load('form.js')) as unknown as Anything & {
      validator: { validateFormData(data: unknown, schema: unknown): { errors: { property: string }[] } }
      loadForm: (entity: string, purpose: string) => Promise<{ schema: object; uiSchema: object }>
    }
    const { schema, uiSchema } = await form.loadForm('student', 'create')
    await writeFile(join(folder, 'render.js'), RENDER)
    const { render } = (await load('render.js')) as unknown as { render: (props: object) => string }
    const page = render({ schema, uiSchema })
    for (const name of ['root_name', 'root_age', 'root_level', 'root_home_zip', 'root_course'])
      t.ok(page.includes(`"${name}`), name)
    t.match(page, /Full name/, 'labels')
    t.match(page, /type="radio"/, 'the widget that the definition asks for')
    t.notMatch(page, /Unsupported field schema/)
    const wrong = (data: object) =>
      form.validator.validateFormData(data, schema).errors.map(({ property }) => property)
    t.same(wrong({ name: 'Eve', level: 'expert' }), [])
    t.same(wrong({ name: 'E', age: -1 }), ['.name', '.age'])
    t.match(await form.submit?.('student', { name: 'Uma', level: 'expert' }), { record: { name: 'Uma' } })
    t.match(await form.submit?.('student', { name: 'Uma', email: 'eve@example.com' }), {
      extraErrors: { email: { __errors: [String] } },
    })
    const { schema: change } = await form.loadForm('student', 'update')
    t.same(form.validator.validateFormData({ age: 3 }, change).errors, [])
  })
})
