// Runs Univera: settings, database, application, port, and the way back. With WORKERS above 1 the first process opens
// the database and its workers serve. Refuses to start with a reason in one line and exit code 1.
import './lib/process/small-start.ts'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { buildApp, type Database } from './app.ts'
import { ensureFirstAdmin, hadAccountsAt } from './lib/auth/account-recovery-store.ts'
import { keyUserNames, listSameNames, ON_SAME_NAMES } from './lib/auth/same-names-store.ts'
import { loadSettings, type Settings } from './lib/config.ts'
import { errorCode } from './lib/errors/codes.ts'
import { reasonOf, StartError } from './lib/errors/start-error.ts'
import { listenForMetrics } from './lib/metrics/metrics-server.ts'
import { WorkersMetrics } from './lib/metrics/worker-metrics.ts'
import { type OpenDatabase, openDatabase } from './lib/postgres/open.ts'
import { toStartError } from './lib/postgres/startup-error.ts'
import { announce, createLogger } from './lib/process/logger.ts'
import { keepHeapSmall } from './lib/process/memory.ts'
import { onNpmGone } from './lib/process/npm.ts'
import { Shutdown } from './lib/process/shutdown.ts'
import { growWithWork } from './lib/process/small-start.ts'
import { givenToWorker, isFirstWorker, onOrphaned, startWorkers } from './lib/process/workers.ts'

interface Process {
  settings: Settings
  log: ReturnType<typeof createLogger>
  shutdown: Shutdown
}

async function main(): Promise<void> {
  keepHeapSmall()
  const settings = loadSettings()
  const log = createLogger(settings.LOG_LEVEL)
  const given = givenToWorker<Database>()
  const shutdown = given ? new Shutdown(log, ['SIGTERM']) : new Shutdown(log)
  try {
    await (given ? runWorker : run)({ settings, log, shutdown }, given as Database)
  } catch (error) {
    // What fails because the process is closing is no news.
    if (shutdown.begun) return
    await shutdown.closeAll()
    throw error
  }
}

async function run(self: Process): Promise<void> {
  const { settings, log, shutdown } = self
  onNpmGone(() => shutdown.begin())
  const giveUp = new AbortController()
  const opening = openDatabase(settings, log, giveUp.signal)
  shutdown.add(releaseOf(opening, settings, giveUp))
  const { url, role, schema } = await opening
  if (shutdown.begun) return
  const { PORT, METRICS_PORT, HOST: host } = settings
  await requireFreePort({ host, port: PORT })
  if (METRICS_PORT !== 0) await requireFreePort({ host, port: METRICS_PORT, setting: 'METRICS_PORT' })
  if (settings.WORKERS === 1) {
    const app = await serve(self, { url, role, schema })
    return openMetricsPort(self, () => app.readMetrics())
  }
  const workersMetrics = new WorkersMetrics()
  await openMetricsPort(self, () => workersMetrics.text())
  const workers = startWorkers(settings.WORKERS, { given: { url, role, schema }, log, workersMetrics })
  shutdown.add(workers)
  await workers.failed
}

/** A database of our own is not left behind half started; one of somebody else is not waited for. */
function releaseOf(opening: Promise<OpenDatabase>, { DATABASE_URL }: Settings, giveUp: AbortController) {
  let database: OpenDatabase | undefined
  const opened = opening.then(
    (result) => {
      database = result
    },
    () => {},
  )
  return {
    async close(patience: number) {
      giveUp.abort()
      if (DATABASE_URL === undefined) await opened
      await database?.close(patience)
    },
    abandon: () => database?.abandon(),
  }
}

async function runWorker(self: Process, database: Database): Promise<void> {
  onOrphaned(() => self.shutdown.begin())
  await serve(self, database)
}

/** The port of the metrics, where there is to be one. */
async function openMetricsPort({ settings, shutdown }: Process, read: () => Promise<string>): Promise<void> {
  const { METRICS_PORT: port, HOST: host, METRICS_TOKEN: token } = settings
  if (port === 0) return
  try {
    const server = await listenForMetrics({ port, host, token, read })
    shutdown.add({ close: async () => server.closeAllConnections() })
  } catch (error) {
    throw cannotListen(error, { host, port, setting: 'METRICS_PORT' })
  }
}

async function serve({ settings, log, shutdown }: Process, database: Database): Promise<FastifyInstance> {
  const app = await buildApp(settings, database, { loggerInstance: log, return503OnClosing: false })
  shutdown.add({ close: (patience) => closeApp(app, patience) })
  await app.ready()
  await keyUserNames(app.directory)
  await introduceAdmin(app, settings)
  await listen(app, settings)
  growWithWork()
  return app
}

async function introduceAdmin(app: FastifyInstance, settings: Settings): Promise<void> {
  const { ADMIN_USERNAME, ADMIN_PASSWORD } = settings
  const given = { username: ADMIN_USERNAME, password: ADMIN_PASSWORD }
  const admin = await ensureFirstAdmin(app, given).catch((error) => Promise.reject(toStartError(error)))
  if (admin === null) return warnOfAccounts(app, settings)
  const password = admin.generatedPassword
  announce(
    password === null
      ? `The first admin is ${admin.username}, with ADMIN_PASSWORD`
      : `The first admin is ${admin.username}; the password, shown this once: ${password}`,
  )
}

/** Says what an operator could otherwise be surprised by; of several workers the first does. */
async function warnOfAccounts(app: FastifyInstance, { ADMIN_PASSWORD }: Settings): Promise<void> {
  if (!isFirstWorker()) return
  // Another worker may just have made the first admin, with the password.
  if (ADMIN_PASSWORD !== undefined && (await hadAccountsAt(app, performance.timeOrigin)))
    app.log.warn(
      'ADMIN_PASSWORD is not used: there are users already. A new password: npm run admin -- reset-password NAME',
    )
  for (const { tenant, usernames } of await listSameNames(app.directory))
    app.log.warn({ tenant, usernames }, ON_SAME_NAMES)
}

/** A port in use is found out before anything is made that would be announced. */
async function requireFreePort(address: Address): Promise<void> {
  const probe = createServer()
  try {
    probe.listen({ port: address.port, host: address.host })
    await once(probe, 'listening')
  } catch (error) {
    throw cannotListen(error, address)
  }
  probe.close()
  await once(probe, 'close')
}

interface Address {
  host: string
  port: number
  setting?: string
}

function cannotListen(error: unknown, { host, port, setting = 'PORT' }: Address): StartError {
  const inUse = errorCode(error) === 'EADDRINUSE'
  const reason = inUse ? `something else listens there; stop it or set ${setting}` : reasonOf(error)
  return new StartError(`Univera cannot listen on ${host}:${port}: ${reason}.`, { cause: error })
}

async function listen(app: FastifyInstance, { PORT: port, HOST: host }: Settings): Promise<void> {
  const listenTextResolver = (address: string) =>
    `Univera listens on ${address}, documentation on ${address}/docs`
  try {
    await app.listen({ port, host, listenTextResolver })
  } catch (error) {
    throw cannotListen(error, { host, port })
  }
}

/** Lets requests finish that run, then cuts them: the database needs the rest of the time. */
async function closeApp(app: FastifyInstance, patience: number): Promise<void> {
  const drain = patience * 0.7
  // A connection kept alive after its last answer would hold the server for more than a minute.
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
  const cut = setTimeout(() => app.server.closeAllConnections(), drain)
  await Promise.race([app.close(), sleep(drain + 500, undefined, { ref: false })])
  clearInterval(sweep)
  clearTimeout(cut)
}

try {
  await main()
} catch (error) {
  process.stderr.write(error instanceof StartError ? `${error.message}\n` : `${(error as Error).stack}\n`)
  process.exit(1)
}
