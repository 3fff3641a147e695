// What the log holds at its most talkative: everything but secrets.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { settingsFor } from './support/files/s3/app.ts'
import { startServer as startS3 } from './support/files/s3/start.ts'
import { startServer } from './support/server-process.ts'
import { createEmptyDatabase } from './support/test-database.ts'

const secret = (what: string) => `${what}-${randomBytes(12).toString('hex')}`

/** Everything that may not be in the log, by what it is. */
const SECRETS = {
  key: secret('secret-key-of-32-bytes-and-more'),
  password: secret('password'),
  wrong: secret('wrong'),
  next: secret('next'),
  cookie: secret('cookie'),
  inUrl: secret('in-url'),
  broken: secret('broken'),
}

for (const LOG_LEVEL of ['trace', 'debug', 'info']) {
  t.test(`LOG_LEVEL=${LOG_LEVEL} writes no password, token, key or cookie`, async (t) => {
    const DATABASE_URL = await createEmptyDatabase(t)
    const s3 = await startS3(t)
    const given = { DATABASE_URL, SECRET_KEY: SECRETS.key, ADMIN_PASSWORD: SECRETS.password, LOG_LEVEL }
    const s3Env = Object.entries(settingsFor(s3.settings)).map(([name, value]) => [name, String(value)])
    const env = { ...given, ...Object.fromEntries(s3Env) }
    const server = startServer(t, { cwd: t.testdir({}), env })
    const base = await server.listening
    const secrets: Record<string, string> = { ...SECRETS, database: new URL(DATABASE_URL).password }
    secrets.s3 = s3.settings.secretAccessKey ?? ''

    async function send(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
      const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
      const all: Record<string, string> = { cookie: `s=${SECRETS.cookie}`, ...headers }
      if (payload !== undefined) all['content-type'] = 'application/json'
      const answer = await fetch(base + url, { method, headers: all, body: payload ?? null })
      const text = await answer.text()
      const json = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {}
      return { status: answer.status, ...json }
    }

    const signIn = (password: string) => send('POST', '/auth/token', { username: 'admin', password })
    const tokens = await signIn(SECRETS.password)
    t.equal(tokens.status, 200)
    const bearer = { authorization: `Bearer ${tokens.access_token}` }
    Object.assign(secrets, { access: tokens.access_token, refresh: tokens.refresh_token })
    secrets.signature = tokens.access_token.split('.')[2]
    t.equal((await signIn(SECRETS.wrong)).status, 401)
    t.equal((await send('POST', '/auth/token', `{"password":"${SECRETS.broken}"`)).status, 400)
    t.equal((await send('POST', '/auth/token', { password: [SECRETS.broken] })).status, 400)
    const key = await send('POST', '/auth/keys', { name: 'k', role: 'admin' }, bearer)
    t.equal(key.status, 201)
    secrets.apiKey = key.key
    const asKey = { authorization: `Bearer ${key.key}` }
    t.equal((await send('GET', '/auth/me', undefined, asKey)).status, 200)
    t.equal((await send('GET', '/nothing', undefined, asKey)).status, 404)
    await send('GET', `/auth/me?access_token=${SECRETS.inUrl}&password=${SECRETS.inUrl}`)
    await send('GET', `/nothing?api_key=${SECRETS.inUrl}&x=1&Token=${SECRETS.inUrl}`, undefined, bearer)
    await send('GET', '/auth/me', undefined, { authorization: `Bearer ${tokens.access_token}x` })
    await send('GET', '/auth/me', undefined, { authorization: `Basic ${SECRETS.broken}` })
    const upload = () => {
      const body = new FormData()
      body.set('file', new Blob(['x']), 'x.txt')
      return fetch(`${base}/files/upload`, { method: 'POST', headers: bearer, body })
    }
    t.equal((await upload()).status, 201)
    s3.server.fate = () => ({ code: 'SignatureDoesNotMatch' })
    t.equal((await upload()).status, 503)
    await s3.server.stop()
    t.equal((await upload()).status, 503)
    const user = { username: 'alice', password: SECRETS.next, role: 'user' }
    t.equal((await send('POST', '/auth/users', user, bearer)).status, 201)
    t.equal((await send('POST', '/auth/users', { ...user, role: 7 }, bearer)).status, 400)
    const renewed = await send('POST', '/auth/token', {
      grant_type: 'refresh_token',
      refresh_token: tokens.refresh_token,
    })
    t.equal(renewed.status, 200)
    Object.assign(secrets, { access2: renewed.access_token, refresh2: renewed.refresh_token })
    const change = { current_password: SECRETS.password, new_password: `${SECRETS.next}2` }
    t.equal((await send('POST', '/auth/password', change, bearer)).status, 200)
    await send('POST', '/auth/revoke', { token: renewed.refresh_token })
    t.equal(await server.stop(), 0)
    const log = server.output()
    for (const [what, text] of Object.entries(secrets))
      if (text !== '') t.notOk(log.includes(text), `${what}: ${lineWith(log, text)}`)
    if (LOG_LEVEL !== 'info') t.match(log, /"url":"\/nothing\?api_key=[^"]*&x=\*\*\*/, 'requests are in it')
  })
}

const lineWith = (log: string, text: string) => log.split('\n').find((line) => line.includes(text)) ?? ''
