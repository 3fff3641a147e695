// The settings: defaults, what is read, what is refused and how, and the kept secret key.

import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { keepSecretKey } from '../lib/config/secret-key.ts'
import { parseSettings, settingNames, withSecretKey } from '../lib/config.ts'

const key = 'k'.repeat(32)

const url = 'postgresql://me:pw@localhost:5432/db'

const root = new URL('../../', import.meta.url)

t.test('without any setting the defaults of the contract hold', async (t) => {
  t.match(parseSettings({}), {
    PORT: 8000,
    HOST: '127.0.0.1',
    DATABASE_URL: undefined,
    DATA_DIR: './data',
    ADMIN_USERNAME: 'admin',
    FILE_STORAGE_PATH: join('data', 'files'),
    S3_BUCKET: undefined,
    S3_REGION: 'us-east-1',
    S3_FORCE_PATH_STYLE: false,
    ACCESS_TOKEN_TTL: 1800,
    REFRESH_TOKEN_TTL: 2_592_000,
    DEFAULT_LIMIT: 100,
    MAX_LIMIT: 1000,
    BODY_LIMIT: 1_048_576,
    UPLOAD_LIMIT: 52_428_800,
    STATEMENT_TIMEOUT: 10_000,
    RATE_LIMIT: 0,
    DEFAULT_QUOTAS: {},
    UNUSED_FILE_TTL: 0,
    AUDIT_RETENTION: 0,
    CORS_ORIGIN: [],
    TRUST_PROXY: false,
    LOG_LEVEL: 'info',
    WORKERS: 1,
  })
})

t.test('an allowed text is read', async (t) => {
  const scenarios = [
    { name: 'PORT', text: ' 80 ', value: 80 },
    { name: 'PORT', text: '', value: 8000 },
    { name: 'ACCESS_TOKEN_TTL', text: '90', value: 90 },
    { name: 'ACCESS_TOKEN_TTL', text: '1.5h', value: 5400 },
    { name: 'REFRESH_TOKEN_TTL', text: '7d', value: 604_800 },
    { name: 'STATEMENT_TIMEOUT', text: '250ms', value: 250 },
    { name: 'STATEMENT_TIMEOUT', text: '2', value: 2000 },
    { name: 'BODY_LIMIT', text: '2048', value: 2048 },
    { name: 'UPLOAD_LIMIT', text: '50MB', value: 50_000_000 },
    { name: 'UPLOAD_LIMIT', text: '2 GiB', value: 2_147_483_648 },
    {
      name: 'CORS_ORIGIN',
      text: 'https://a.example, http://localhost:3000',
      value: ['https://a.example', 'http://localhost:3000'],
    },
    { name: 'TRUST_PROXY', text: 'true', value: true },
    { name: 'TRUST_PROXY', text: '2', value: 2 },
    { name: 'TRUST_PROXY', text: 'loopback, 10.0.0.0/8, ::1', value: 'loopback,10.0.0.0/8,::1' },
    { name: 'SECRET_KEY', text: key, value: key },
    { name: 'S3_FORCE_PATH_STYLE', text: 'true', value: true },
    { name: 'UNUSED_FILE_TTL', text: '30d', value: 2_592_000_000 },
    { name: 'UNUSED_FILE_TTL', text: 'off', value: 0 },
    { name: 'AUDIT_RETENTION', text: '365d', value: 31_536_000_000 },
    { name: 'AUDIT_RETENTION', text: 'off', value: 0 },
    { name: 'AUDIT_RETENTION', text: '0', value: 0 },
    { name: 'DEFAULT_QUOTAS', text: '{"records": 5, "fields": null}', value: { records: 5 } },
  ] as const
  for (const { name, text, value } of scenarios) {
    t.same(parseSettings({ [name]: text })[name], value, `${name}=${text}`)
  }
})

t.test('what is not allowed is refused with the name and what is', async (t) => {
  const scenarios = [
    { name: 'PORT', text: '65536', allowed: /whole number from 0 to 65535; it is "65536"/ },
    { name: 'PORT', text: '0x50' },
    { name: 'PORT', text: '-1' },
    { name: 'ACCESS_TOKEN_TTL', text: '30 minutes', allowed: /30m, 90s or 12h/ },
    { name: 'ACCESS_TOKEN_TTL', text: '0' },
    { name: 'STATEMENT_TIMEOUT', text: '10000', allowed: /plain number is seconds/ },
    { name: 'BODY_LIMIT', text: '1 MiBs', allowed: /such as 1 MiB/ },
    { name: 'BODY_LIMIT', text: '0' },
    { name: 'BODY_LIMIT', text: '1 constructor' },
    { name: 'CORS_ORIGIN', text: '*,https://a.example', allowed: /exact origins.*or \* for any/ },
    { name: 'PUBLIC_URL', text: 'api.example.com', allowed: /a URL such as/ },
    { name: 'PUBLIC_URL', text: 'https://u:p@api.example.com' },
    { name: 'HSTS_SUBDOMAINS', text: 'yes', allowed: /true or false/ },
    { name: 'CORS_ORIGIN', text: 'https://a.example/' },
    { name: 'TRUST_PROXY', text: 'yes', allowed: /true, false/ },
    { name: 'TRUST_PROXY', text: '10.0.0.0/8/1' },
    { name: 'TRUST_PROXY', text: '1000' },
    { name: 'TRUST_PROXY', text: '-1' },
    { name: 'TRUST_PROXY', text: '10.0.0.0/33' },
    { name: 'ADMIN_USERNAME', text: 'acme/alice', allowed: /no `\/`/ },
    { name: 'LOG_LEVEL', text: 'verbose', allowed: /fatal, error/ },
    { name: 'WORKERS', text: '0' },
    { name: 'DATABASE_URL', text: 'mysql://me@localhost/db', allowed: /postgresql:\/\// },
    { name: 'S3_BUCKET', text: 'a/b', allowed: /name of a bucket/ },
    { name: 'S3_ENDPOINT', text: 'localhost:9000', allowed: /a URL such as/ },
    { name: 'S3_ENDPOINT', text: 'https://key:secret@s3.example.com' },
    { name: 'S3_FORCE_PATH_STYLE', text: 'yes', allowed: /true or false/ },
    ...[
      '5',
      '[]',
      'null',
      '{',
      '{"records": -1}',
      '{"records": 1.5}',
      '{"records": "5"}',
      '{"bytes": 5}',
    ].map((text) => ({
      name: 'DEFAULT_QUOTAS',
      text,
      allowed: /any of entities, fields, records, file_bytes/,
    })),
    { name: 'AUDIT_RETENTION', text: '1h', allowed: /off, or a length of time from 1d/ },
    { name: 'UNUSED_FILE_TTL', text: '-1d', allowed: /off, or a length of time from 1s/ },
    { name: 'AUDIT_RETENTION', text: 'for ever' },
    { name: 'SECRET_KEY', text: 'x'.repeat(31), allowed: /at least 32 bytes/ },
    { name: 'ADMIN_PASSWORD', text: 'secret7', allowed: /8 to 1024/ },
  ]
  for (const { name, text, allowed = / must be / } of scenarios) {
    t.throws(
      () => parseSettings({ [name]: text }),
      { name: 'StartError', message: allowed },
      `${name}=${text}`,
    )
    t.throws(() => parseSettings({ [name]: text }), { message: new RegExp(`^${name} `) })
  }
})

t.test('all bad settings are told at once, and no secret is repeated', async (t) => {
  try {
    parseSettings({ PORT: 'x', SECRET_KEY: 'my-secret', ADMIN_PASSWORD: 'my-pass', DATABASE_URL: 'my-url' })
    t.fail('refused')
  } catch (error) {
    const { message } = error as Error
    for (const name of ['PORT', 'SECRET_KEY', 'ADMIN_PASSWORD', 'DATABASE_URL']) t.match(message, name)
    t.notMatch(message, /my-/)
  }
})

t.test('a database that servers may share needs a key that they share', async (t) => {
  const refused = { name: 'StartError', message: /^SECRET_KEY is required with DATABASE_URL/ }
  t.throws(() => withSecretKey(parseSettings({ DATABASE_URL: url })), refused)
  t.match(withSecretKey(parseSettings({ DATABASE_URL: url, SECRET_KEY: key })), { SECRET_KEY: key })
  const directory = t.testdir({})
  const { SECRET_KEY } = withSecretKey(parseSettings({ DATA_DIR: directory }))
  t.equal(SECRET_KEY, keepSecretKey(directory), 'with the embedded one it is kept')
})

t.test('limits that contradict each other are refused', async (t) => {
  t.throws(() => parseSettings({ DEFAULT_LIMIT: '20', MAX_LIMIT: '10' }), {
    message: /^DEFAULT_LIMIT must be/,
  })
  t.equal(parseSettings({ MAX_LIMIT: '10' }).DEFAULT_LIMIT, 10, 'a default follows')
})

t.test('settings of S3 that belong together are refused without each other', async (t) => {
  const endpoint = { S3_ENDPOINT: 'http://localhost:9000' }
  const [id, secret] = [{ S3_ACCESS_KEY_ID: 'my-id' }, { S3_SECRET_ACCESS_KEY: 'my-secret' }]
  for (const given of [endpoint, { ...id, ...secret }])
    t.throws(() => parseSettings(given), { message: /^S3_BUCKET must be set/ })
  for (const given of [id, secret])
    t.throws(() => parseSettings({ S3_BUCKET: 'files', ...given }), {
      message: /^S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together/,
    })
  const { S3_FORCE_PATH_STYLE } = parseSettings({ S3_BUCKET: 'files', ...endpoint, ...id, ...secret })
  t.equal(S3_FORCE_PATH_STYLE, true, 'a default follows')
})

t.test('unknown settings are ignored', async (t) => {
  t.notOk('UNHEARD_OF' in parseSettings({ UNHEARD_OF: '1' }))
})

t.test('every key that our own files show is refused', async (t) => {
  for (const file of ['.env.example', 'docker-compose.yml', 'README.md', 'docs/operating.md', 'Dockerfile']) {
    const text = readIfPresent(file)
    for (const [, example = ''] of text.matchAll(/SECRET_KEY[=:][ '"]*([^\s'"$]+)/g)) {
      t.throws(() => parseSettings({ SECRET_KEY: example }), { message: /SECRET_KEY/ }, `${file}: ${example}`)
    }
  }
})

t.test('.env.example lists every setting and nothing else', async (t) => {
  const listed = [...readIfPresent('.env.example').matchAll(/^#?([A-Z0-9_]+)=/gm)].map(([, name]) => name)
  t.same(listed.sort(), [...settingNames].sort())
})

t.test('a generated key is kept, private, and the same on the next start', async (t) => {
  const directory = join(t.testdir({}), 'new', 'data')
  const first = keepSecretKey(directory)
  t.ok(Buffer.byteLength(first) >= 32)
  t.equal(keepSecretKey(directory), first)
  const file = join(directory, 'secret_key')
  if (process.platform !== 'win32') t.equal(statSync(file).mode & 0o777, 0o600)
  writeFileSync(file, 'short')
  t.throws(
    () => keepSecretKey(directory),
    { name: 'StartError', message: /secret_key/ },
    'a broken one is told',
  )
  rmSync(file)
  t.not(keepSecretKey(directory), first)
})

function readIfPresent(file: string): string {
  try {
    return readFileSync(new URL(file, root), 'utf8')
  } catch {
    return ''
  }
}
