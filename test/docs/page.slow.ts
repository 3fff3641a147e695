// The page at /docs in a real browser: sign in, see the entities with their fields, try a request out; a hundred entities are
// there within seconds of CPU.
import { existsSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { type Browser, chromium, type Page } from 'playwright-core'
import t from 'tap'
import { ADMIN, asAdmin, startWithAdmin } from '../support/app.ts'
import { STUDENT } from '../support/docs/sample.ts'

const EXECUTABLES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const executablePath = EXECUTABLES.find((path) => existsSync(path))

const skip = executablePath === undefined && 'no Chromium is installed'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The page as a new visitor sees it, and what went wrong or elsewhere meanwhile. */
async function visit(browser: Browser, app: FastifyInstance) {
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!/^(data:|http:\/\/127\.0\.0\.1:)/.test(request.url())) complaints.push(request.url())
  })
  await page.goto(`${address}/docs`)
  await page.locator('.opblock-tag').first().waitFor()
  return { page, complaints }
}

async function signIn(page: Page): Promise<void> {
  await page.locator('.scheme-container button.authorize').click()
  await page.locator('#oauth_username').fill(ADMIN.username)
  await page.locator('#oauth_password').fill(ADMIN.password)
  await page.locator('.auth-container button.authorize').first().click()
  await page.getByRole('button', { name: 'Remove authorization' }).waitFor()
  await page.locator('.auth-container button.btn-done').first().click()
}

/** Opens an operation, sends it, and returns status and body of the answer that the page shows. */
async function tryOut(page: Page, operation: string, body?: object): Promise<[string, unknown]> {
  const block = page.locator(`[id$="-${operation}"]`)
  await block.locator('.opblock-summary-control').click()
  await block.getByRole('button', { name: 'Try it out' }).click()
  if (body !== undefined) await block.locator('textarea').fill(JSON.stringify(body))
  await block.locator('button.execute').click()
  const answer = block.locator('.live-responses-table .response')
  const status = await answer.locator('.response-col_status').textContent()
  const shown = await answer.locator('.highlight-code pre').first().textContent()
  return [status?.trim() ?? '', JSON.parse(shown ?? '')]
}

/** Seconds of CPU that the page's process has used. */
async function cpuMeter(page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'ProcessTime')?.value ?? Number.NaN
  }
}

t.test('the page in a browser', { skip }, async (t) => {
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  t.teardown(() => browser.close())
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas/', STUDENT)
  const { page, complaints } = await visit(browser, app)
  const student = page.locator('#operations-student-create_student')

  t.equal(await page.locator('[id$="-list_records"]').count(), 1, 'shows the static API to anyone')
  t.equal(await student.count(), 0, 'and no entity')

  await signIn(page)
  await student.waitFor()
  t.equal(await page.locator('[id$="-list_records"]').count(), 0, 'shows the entities after signing in')

  const [status, made] = await tryOut(page, 'create_student', { name: 'Alice', age: 20 })
  t.match([status, made], ['201', { name: 'Alice', age: 20, id: String }], 'tries a request out')
  await student.getByRole('tab', { name: 'Schema' }).first().click()
  for (const { name } of STUDENT.fields)
    t.ok(await student.getByText(name, { exact: true }).first().isVisible(), `shows the field ${name}`)
  t.match(await tryOut(page, 'list_student'), ['200', [made]], 'and finds what was stored')

  const teacher = { entity_name: 'teacher', fields: [{ name: 'room', type: 'string' }] }
  t.match(await tryOut(page, 'createEntity', teacher), ['201', { entity_name: 'teacher' }])
  await page.locator('#operations-teacher-list_teacher').waitFor()
  t.pass('shows an entity as soon as it is there')

  await page.locator('.scheme-container button.authorize').click()
  await page.getByRole('button', { name: 'Remove authorization' }).click()
  await page.locator('[id$="-list_records"]').waitFor()
  t.equal(await student.count(), 0, 'forgets them after signing out')
  t.strictSame(complaints, [], 'and asks for nothing that it may not have')
})

const MANY = 100

const TYPES = ['string', 'integer', 'boolean', 'date', 'email', 'text', 'decimal', 'datetime', 'float', 'url']

/** CPU of the page: it took 30 seconds when Swagger UI read all of it. */
const MOST_SECONDS = 3

t.test('with a hundred entities of ten fields', { skip }, async (t) => {
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  t.teardown(() => browser.close())
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const fields = TYPES.map((type) => ({ name: `a_${type}`, type }))
  for (let at = 0; at < MANY; at++) await admin('POST', '/schemas/', { entity_name: `entity_${at}`, fields })
  const { page, complaints } = await visit(browser, app)
  const cpu = await cpuMeter(page)

  await signIn(page)
  await page.locator('#operations-tag-entity_99').waitFor()
  const shown = await cpu()
  t.ok(shown < MOST_SECONDS, `from the start to all groups ${shown.toFixed(2)} s`)
  t.equal(await page.locator('.opblock').count(), 0, 'all groups are closed')

  await page.locator('#operations-tag-entity_42').click()
  await page.locator('#operations-entity_42-create_entity_42').waitFor()
  const opened = (await cpu()) - shown
  t.ok(opened < MOST_SECONDS, `to open a group ${opened.toFixed(2)} s`)

  const [status, body] = await tryOut(page, 'create_entity_42', { a_string: 'x' })
  t.match([status, body], ['201', { a_string: 'x', a_integer: null }], 'an opened one is whole')
  t.match(await tryOut(page, 'list_entity_42'), ['200', [body]])
  t.strictSame(complaints, [])
})
