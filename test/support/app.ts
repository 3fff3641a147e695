// Servers for the tests: on a database with its first admin, several instances if need be, and who calls them.

import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Test } from 'tap'
import { type AppOptions, buildApp } from '../../app.ts'
import { ensureFirstAdmin } from '../../lib/auth/account-recovery-store.ts'
import type { Settings } from '../../lib/config.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

export const ADMIN = { username: 'admin', password: 'correct-horse' }

/** Milliseconds that a server of the tests waits for a statement, a connection, a turn: longer than a loaded machine takes. */
const PATIENCE = 60_000

/** What a hash takes in service is what many tests would take most of their time for. */
const CHEAP = { memoryCost: 64, timeCost: 2, parallelism: 1 }

/** Where the servers of this process keep files, unless a test gives them another place. */
export const FILE_STORAGE_PATH = join(tmpdir(), `univera-test-files-${process.pid}`)

process.once('exit', () => rmSync(FILE_STORAGE_PATH, { recursive: true, force: true }))

const SETTINGS: Settings = {
  PORT: 0,
  HOST: '127.0.0.1',
  DATABASE_URL: undefined,
  DATA_DIR: './data',
  SECRET_KEY: 'a secret for tests only, 32 bytes and more',
  SECRET_KEY_PREVIOUS: undefined,
  ADMIN_USERNAME: ADMIN.username,
  ADMIN_PASSWORD: ADMIN.password,
  FILE_STORAGE_PATH,
  S3_BUCKET: undefined,
  S3_REGION: 'us-east-1',
  S3_ENDPOINT: undefined,
  S3_ACCESS_KEY_ID: undefined,
  S3_SECRET_ACCESS_KEY: undefined,
  S3_FORCE_PATH_STYLE: false,
  ACCESS_TOKEN_TTL: 1800,
  REFRESH_TOKEN_TTL: 86_400,
  DEFAULT_LIMIT: 100,
  MAX_LIMIT: 1000,
  BODY_LIMIT: 1_048_576,
  MAX_ROWS: 10_000,
  MAX_CELLS: 1_000_000,
  UPLOAD_LIMIT: 52_428_800,
  MIN_FREE_DISK: 1,
  STATEMENT_TIMEOUT: PATIENCE,
  RATE_LIMIT: 0,
  MAX_CONNECTIONS: 10_000,
  MAX_CONNECTIONS_PER_ADDRESS: 1000,
  DEFAULT_QUOTAS: {},
  UNUSED_FILE_TTL: 0,
  AUDIT_RETENTION: 0,
  CORS_ORIGIN: [],
  HSTS_SUBDOMAINS: false,
  PUBLIC_URL: undefined,
  TRUST_PROXY: false,
  LOG_LEVEL: 'silent',
  LOG_REQUESTS: false,
  METRICS_TOKEN: undefined,
  METRICS_PORT: 0,
  SLOW_REQUEST: 0,
  OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
  OTEL_SERVICE_NAME: 'univera',
  WORKERS: 1,
}

/** A server on the database, closed when the test ends. */
export async function startApp(
  test: Test,
  database: TestDatabase,
  settings: Partial<Settings> = {},
  options: AppOptions = {},
): Promise<FastifyInstance> {
  const app = await buildApp(
    { ...SETTINGS, ...settings },
    { connectTimeout: PATIENCE, ...database },
    { maxEventLoopDelay: PATIENCE, passwordCost: CHEAP, ...options },
  )
  test.teardown(() => app.close())
  await app.ready()
  return app
}

/** A server on a database of its own that has its first admin. */
export async function startWithAdmin(test: Test, settings: Partial<Settings> = {}, options: AppOptions = {}) {
  const database = await createTestDatabase(test)
  const app = await startApp(test, database, settings, options)
  await ensureFirstAdmin(app, ADMIN)
  return { app, database }
}

export interface Tokens {
  access_token: string
  refresh_token: string
  token_type: string
  expires_in: number
}

/** Signs in; the answer's body. */
export async function signIn(app: FastifyInstance, username: string, password: string): Promise<Tokens> {
  const answer = await app.inject({ method: 'POST', url: '/auth/token', payload: { username, password } })
  if (answer.statusCode !== 200) throw new Error(`sign-in of ${username}: ${answer.body}`)
  return answer.json()
}

type Method = 'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Sends requests as the owner of a token. */
export function as(app: FastifyInstance, token: string) {
  return (method: Method, url: string, payload?: InjectOptions['payload'], headers: object = {}) =>
    app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
}

/** Sends requests as the first admin. */
export async function asAdmin(app: FastifyInstance) {
  return as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
}

/** Adds a user as the first admin and signs them in. */
export async function addUser(app: FastifyInstance, username: string, role: string) {
  const admin = await signIn(app, ADMIN.username, ADMIN.password)
  const password = `password of ${username}`
  const added = await as(app, admin.access_token)('POST', '/auth/users', { username, password, role })
  if (added.statusCode !== 201) throw new Error(added.body)
  return { id: added.json().id as string, password, tokens: await signIn(app, username, password) }
}

/** Awaits answers and asserts their status, 200 unless said otherwise; the parsed body, undefined for an empty one. */
export const bodyOf =
  (test: Test) =>
  async (answer: Promise<{ statusCode: number; body: string }>, status = 200) => {
    const { statusCode, body } = await answer
    test.equal(statusCode, status, body)
    return body === '' ? undefined : JSON.parse(body)
  }
