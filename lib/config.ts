// The settings: one table with name, default and what is allowed; read once at start from the environment and `.env`
// (the environment wins, an empty value counts as unset). Refuses the start with every bad one by name.
import { join } from 'node:path'
import { envSchema } from 'env-schema'
import { isUsername } from './auth/login-name.ts'
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from './auth/password.ts'
import { contradictions } from './config/contradictions.ts'
import { quotas } from './config/quotas-setting.ts'
import { isSecretKey, keepSecretKey, secretKeyBytes } from './config/secret-key.ts'
import {
  duration,
  flag,
  isEndpoint,
  offOrDuration,
  oneOf,
  origins,
  proxies,
  type Setting,
  size,
  text,
  whole,
} from './config/setting.ts'
import { watchingSettings } from './config/watching-settings.ts'
import { reasonOf, StartError } from './errors/start-error.ts'

const table = {
  PORT: whole({ min: 0, max: 65_535 }, 8000),
  HOST: text<string>('127.0.0.1'),
  /** Without it the server runs a PostgreSQL of its own. */
  DATABASE_URL: text<string | undefined>(undefined, {
    passes: (value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value),
    allowed: 'a URL such as postgresql://user:password@host:5432/database',
    secret: true,
  }),
  DATA_DIR: text<string>('./data'),
  SECRET_KEY: text<string | undefined>(undefined, {
    passes: isSecretKey,
    allowed: `at least ${secretKeyBytes} bytes and no example (openssl rand -hex 32 makes one)`,
    secret: true,
  }),
  /** What was signed with it is still accepted, while SECRET_KEY is being replaced. */
  SECRET_KEY_PREVIOUS: text<string | undefined>(undefined, {
    passes: isSecretKey,
    allowed: `at least ${secretKeyBytes} bytes and no example`,
    secret: true,
  }),
  ADMIN_USERNAME: text<string>('admin', {
    passes: isUsername,
    allowed: 'a user name (no `/`, at most 255 characters)',
  }),
  ADMIN_PASSWORD: text<string | undefined>(undefined, {
    passes: ({ length }) => length >= PASSWORD_MIN_LENGTH && length <= PASSWORD_MAX_LENGTH,
    allowed: `${PASSWORD_MIN_LENGTH} to ${PASSWORD_MAX_LENGTH} characters`,
    secret: true,
  }),
  FILE_STORAGE_PATH: text<string>(({ DATA_DIR }) => join(String(DATA_DIR), 'files')),
  /** With it files are kept there, not below FILE_STORAGE_PATH. */
  S3_BUCKET: text<string | undefined>(undefined, {
    passes: (value) => /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i.test(value),
    allowed: 'the name of a bucket',
  }),
  S3_REGION: text<string>('us-east-1'),
  S3_ENDPOINT: text<string | undefined>(undefined, {
    passes: isEndpoint,
    allowed: 'a URL such as https://s3.example.com or http://minio:9000, without keys in it',
    secret: true,
  }),
  S3_ACCESS_KEY_ID: text<string | undefined>(undefined, { secret: true }),
  S3_SECRET_ACCESS_KEY: text<string | undefined>(undefined, { secret: true }),
  /** Whether the bucket is named in the path of a URL, not in its host. */
  S3_FORCE_PATH_STYLE: flag(({ S3_ENDPOINT }) => S3_ENDPOINT !== undefined),
  /** Seconds. */
  ACCESS_TOKEN_TTL: duration('30m', { unit: 1000, max: '365d' }),
  /** Seconds. */
  REFRESH_TOKEN_TTL: duration('30d', { unit: 1000, max: '3650d' }),
  MAX_LIMIT: whole({ min: 1, max: 1_000_000 }, 1000),
  DEFAULT_LIMIT: whole({ min: 1, max: 1_000_000 }, ({ MAX_LIMIT }) => Math.min(100, Number(MAX_LIMIT))),
  /** Bytes. */
  BODY_LIMIT: size('1 MiB', '1 GiB'),
  /** Of an array in a JSON body: its rows, and rows times the fields that are written. */
  MAX_ROWS: whole({ min: 1, max: 1_000_000 }, 10_000),
  MAX_CELLS: whole({ min: 1, max: 1_000_000_000 }, 1_000_000),
  /** Bytes. */
  UPLOAD_LIMIT: size('50 MiB', '1024 GiB'),
  /** Bytes of the disk that uploads and imports leave free. */
  MIN_FREE_DISK: size('64 MiB', '1024 GiB'),
  /** Milliseconds. */
  STATEMENT_TIMEOUT: duration('10s', { unit: 1, max: '1h' }),
  /** Requests a minute per address; 0 is off. */
  RATE_LIMIT: whole({ min: 0, max: 1_000_000 }, 0),
  /** Connections of a process, and those of one client address among them. */
  MAX_CONNECTIONS: whole({ min: 1, max: 1_000_000 }, 10_000),
  MAX_CONNECTIONS_PER_ADDRESS: whole({ min: 1, max: 1_000_000 }, 1000),
  /** Of new tenants, unless their operator sets others. */
  DEFAULT_QUOTAS: quotas(),
  /** Milliseconds that audit entries are kept; 0 is for good. */
  UNUSED_FILE_TTL: offOrDuration({ min: '1s', max: '3650d' }),
  AUDIT_RETENTION: offOrDuration({ min: '1d', max: '36500d' }),
  CORS_ORIGIN: origins(),
  /** Whether Strict-Transport-Security speaks for subdomains, too. */
  HSTS_SUBDOMAINS: flag(false),
  /** Where clients reach the server, for addresses in answers; without it they are paths. */
  PUBLIC_URL: text<string | undefined>(undefined, {
    passes: isEndpoint,
    allowed:
      'a URL such as https://api.example.com or https://example.com/api, without credentials and query',
    secret: true,
  }),
  TRUST_PROXY: proxies(),
  LOG_LEVEL: oneOf('info', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  /** Whether requests that are served have a line in the log, too. */
  LOG_REQUESTS: flag(false),
  ...watchingSettings,
  WORKERS: whole({ min: 1, max: 256 }, 1),
}

type Table = typeof table

type Given = { [K in keyof Table]: Table[K] extends Setting<infer T> ? T : never }

/** The names of all settings, as .env.example and the README list them. */
export const settingNames = Object.keys(table) as (keyof Table)[]

export type Settings = Omit<Given, 'SECRET_KEY'> & { SECRET_KEY: string }

/** The settings of this process, from its environment and the `.env` in its working directory. */
export function loadSettings(): Settings {
  return withSecretKey(parseSettings(readEnvironment()))
}

/** Those that say where the database and the files are: all that a command on them needs. */
export function loadStorageSettings(): Omit<Settings, 'SECRET_KEY'> {
  return parseSettings(readEnvironment())
}

function readEnvironment(): Record<string, string> {
  const properties = Object.fromEntries(settingNames.map((name) => [name, { type: 'string' }]))
  try {
    return envSchema<Record<string, string>>({
      schema: { type: 'object', properties },
      data: withoutEmpty(process.env),
      env: false,
      dotenv: true,
    })
  } catch (error) {
    throw new StartError(`.env cannot be read: ${reasonOf(error)}`, { cause: error })
  }
}

const withoutEmpty = (source: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(source).filter(
      (entry): entry is [string, string] => entry[1]?.trim() !== '' && entry[1] !== undefined,
    ),
  )

/** Reads texts by the table. */
export function parseSettings(source: Record<string, string | undefined>): Given {
  const given = withoutEmpty(source)
  const settings: Record<string, unknown> = {}
  const complaints: string[] = []
  for (const name of settingNames) {
    const setting: Setting<unknown> = table[name]
    const value = given[name]?.trim()
    settings[name] = value === undefined ? defaultOf(setting, settings) : setting.read(value)
    if (value !== undefined && settings[name] === undefined) complaints.push(complain(name, setting, value))
  }
  if (complaints.length === 0) complaints.push(...contradictions(settings as Given))
  if (complaints.length > 0) throw new StartError(complaints.join('\n'))
  return settings as Given
}

function defaultOf({ fallback }: Setting<unknown>, above: Record<string, unknown>): unknown {
  return typeof fallback === 'function' ? fallback(above) : fallback
}

function complain(name: string, { allowed, secret }: Setting<unknown>, value: string): string {
  return `${name} must be ${allowed}${secret ? '' : `; it is "${value}"`}.`
}

/** Adds the kept key where one may be kept: servers that share a database have to share the key. */
export function withSecretKey(given: Given): Settings {
  const { SECRET_KEY, DATABASE_URL, DATA_DIR } = given
  if (SECRET_KEY === undefined && DATABASE_URL !== undefined) {
    throw new StartError(`SECRET_KEY is required with DATABASE_URL: ${table.SECRET_KEY.allowed}.`)
  }
  return { ...given, SECRET_KEY: SECRET_KEY ?? keepSecretKey(DATA_DIR) }
}
