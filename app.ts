// The composition root: plugins, then routes, in an explicit order. Everything a request can meet is listed here.
import { randomUUID } from 'node:crypto'
import Fastify, {
  type FastifyHttpOptions,
  type FastifyInstance,
  type FastifyServerOptions,
  LogController,
  type RawServerDefault,
} from 'fastify'
import type { PasswordCost } from './lib/auth/password.ts'
import type { Settings } from './lib/config.ts'
import { type Clock, systemClock } from './lib/process/clock.ts'
import accessTokens from './plugins/access-tokens.ts'
import auditRetention from './plugins/audit-retention.ts'
import auth from './plugins/auth.ts'
import body from './plugins/body.ts'
import clockPlugin from './plugins/clock.ts'
import config from './plugins/config.ts'
import connections from './plugins/connections.ts'
import conversions from './plugins/conversions.ts'
import currentMetadata from './plugins/current-metadata.ts'
import databaseTime from './plugins/database-time.ts'
import db from './plugins/db.ts'
import disk from './plugins/disk.ts'
import docs from './plugins/docs.ts'
import errors, { sendProblem, sendUnreadable } from './plugins/errors.ts'
import fileSignatures from './plugins/file-signatures.ts'
import files from './plugins/files.ts'
import formerNames from './plugins/former-names.ts'
import imports from './plugins/imports.ts'
import indexer from './plugins/indexer.ts'
import levels from './plugins/levels.ts'
import limits from './plugins/limits.ts'
import logRetention from './plugins/log-retention.ts'
import metrics from './plugins/metrics.ts'
import passwords from './plugins/passwords.ts'
import proxies from './plugins/proxies.ts'
import publicUrl from './plugins/public-url.ts'
import purges from './plugins/purges.ts'
import recordCaches from './plugins/record-caches.ts'
import registry from './plugins/registry.ts'
import requestLog from './plugins/request-log.ts'
import requestQuota from './plugins/request-quota.ts'
import sessions from './plugins/sessions.ts'
import signInLimit from './plugins/sign-in-limit.ts'
import slowReaders from './plugins/slow-readers.ts'
import tenantPurge from './plugins/tenant-purge.ts'
import ticker from './plugins/ticker.ts'
import tracing from './plugins/tracing.ts'
import unusedFiles from './plugins/unused-files.ts'
import validation from './plugins/validation.ts'
import audit from './routes/audit.ts'
import keys from './routes/auth/keys.ts'
import ownAccount from './routes/auth/me.ts'
import roles from './routes/auth/roles.ts'
import ownTenant from './routes/auth/tenant.ts'
import token from './routes/auth/token.ts'
import users from './routes/auth/users.ts'
import fileContent from './routes/files/content.ts'
import fileMetadata from './routes/files/metadata.ts'
import fileSignature from './routes/files/sign.ts'
import fileUpload from './routes/files/upload.ts'
import health from './routes/health.ts'
import metricsRoute from './routes/metrics.ts'
import records from './routes/records.ts'
import root from './routes/root.ts'
import schemas from './routes/schemas/definitions.ts'
import droppedFields from './routes/schemas/dropped.ts'
import entities from './routes/schemas/entities.ts'
import indexes from './routes/schemas/indexes.ts'
import jsonSchemas from './routes/schemas/json-schema.ts'
import misfits from './routes/schemas/misfits.ts'
import names from './routes/schemas/names.ts'
import permissions from './routes/schemas/permissions.ts'
import plans from './routes/schemas/plans.ts'
import previews from './routes/schemas/preview.ts'
import rollback from './routes/schemas/rollback.ts'
import versions from './routes/schemas/versions.ts'
import tenants from './routes/tenants/tenants.ts'

/** Where the records are: the URL to connect to, the role to work as (null: the URL's user), the tables' schema. */
export interface Database {
  url: string
  role: string | null
  schema?: string
  /** Whether the tables are distributed over the nodes of Citus. */
  isDistributed?: boolean
  /** Connections at most. */
  poolSize?: number
  /** Milliseconds that whatever needs a connection waits for one. */
  connectTimeout?: number
}

/** What no setting is about: of Fastify, and what a test has otherwise than a server in service. */
export type AppOptions = FastifyServerOptions & {
  clock?: Clock
  /** Milliseconds that the event loop may be late before requests are refused. */
  maxEventLoopDelay?: number
  passwordCost?: PasswordCost
}

/** What Node accepts as the head of a request: more than any query that is read, so that a longer one gets an answer. */
const MAX_HEAD = 65_536

/** Milliseconds that a request may take to arrive: the largest upload over a slow line, and no socket held for ever. */
const ARRIVAL = 15 * 60_000

/** A part of a path that is too long to be a name is simply not found. */
const MAX_URL_LENGTH = 16_384

/** What every request meets, whatever it asks for. */
const FIRST = [tracing, metrics, errors, requestLog, proxies, publicUrl, connections, slowReaders]

/** The routes, by their groups; the wildcards of the records last. */
const ROUTES = [
  token,
  ownAccount,
  users,
  keys,
  audit,
  roles,
  ownTenant,
  tenants,
  fileUpload,
  fileMetadata,
  fileContent,
  fileSignature,
  health,
  metricsRoute,
  root,
  schemas,
  entities,
  indexes,
  names,
  jsonSchemas,
  permissions,
  previews,
  plans,
  misfits,
  rollback,
  droppedFields,
  versions,
  records,
]

/** A number of proxies is so many addresses from the end of X-Forwarded-For, whoever they are. */
function trustedPeers(setting: Settings['TRUST_PROXY']) {
  return typeof setting === 'number' ? (_address: string, hop: number) => hop < setting : setting
}

function serverOptions(settings: Settings): FastifyHttpOptions<RawServerDefault> {
  return {
    bodyLimit: settings.BODY_LIMIT,
    requestTimeout: ARRIVAL,
    trustProxy: trustedPeers(settings.TRUST_PROXY),
    // A line a request is a fifth of the cost of answering it; LOG_LEVEL=debug brings them.
    logController: new LogController({
      disableRequestLogging: !['debug', 'trace'].includes(settings.LOG_LEVEL),
    }),
    http: { maxHeaderSize: MAX_HEAD },
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_URL_LENGTH },
    frameworkErrors: sendProblem,
    clientErrorHandler: sendUnreadable,
  }
}

/** Builds the server on a migrated database; it listens nowhere yet. */
export async function buildApp(
  settings: Settings,
  database: Database,
  { clock = systemClock, maxEventLoopDelay, passwordCost, ...options }: AppOptions = {},
): Promise<FastifyInstance> {
  const app = Fastify({ ...serverOptions(settings), ...options })
  await app.register(config, { settings })
  await app.register(clockPlugin, { clock })
  for (const plugin of FIRST) await app.register(plugin)
  await app.register(limits, {
    rateLimit: settings.RATE_LIMIT,
    corsOrigin: settings.CORS_ORIGIN,
    hstsSubdomains: settings.HSTS_SUBDOMAINS,
    maxEventLoopDelay,
  })
  await app.register(body)
  await app.register(validation)
  await app.register(db, { ...database, statementTimeout: settings.STATEMENT_TIMEOUT })
  // Before any other background work: what it does first must not fail for want of a connection.
  await app.register(ticker)
  await app.register(registry)
  await app.register(recordCaches)
  await app.register(levels)
  await app.register(indexer)
  await app.register(passwords, { cost: passwordCost })
  await app.register(signInLimit)
  await app.register(accessTokens, {
    secret: settings.SECRET_KEY,
    previousSecret: settings.SECRET_KEY_PREVIOUS,
    ttl: settings.ACCESS_TOKEN_TTL,
  })
  await app.register(sessions, { refreshTtl: settings.REFRESH_TOKEN_TTL })
  await app.register(fileSignatures)
  await app.register(auth)
  await app.register(databaseTime)
  await app.register(requestQuota)
  await app.register(currentMetadata)
  for (const plugin of [disk, files, unusedFiles]) await app.register(plugin)
  await app.register(imports)
  for (const plugin of [formerNames, tenantPurge, purges, conversions]) await app.register(plugin)
  await app.register(logRetention)
  await app.register(auditRetention, { retention: settings.AUDIT_RETENTION })
  await app.register(docs)
  for (const routes of ROUTES) await app.register(routes)
  return app
}
