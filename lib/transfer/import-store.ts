// Imports an exported tenant under a new id: everything in one transaction, so that it appears whole or not at all, beside
// servers that run. Bytes of files are noted until then, and swept if it never comes.
import type { Readable } from 'node:stream'
import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { TENANT_NAME_PATTERN } from '../db/tenant.ts'
import { FILES } from '../entities/entity.ts'
import { errorCode, isUniqueViolation } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'
import type { BlobKey, BlobStorage } from '../files/storage.ts'
import { requireMigrated } from '../postgres/migrate.ts'
import { withSession } from '../postgres/session.ts'
import { inMegabytes, type Progress } from '../process/progress.ts'
import { type EntryKind, FORMAT, type TransferManifest, type TransferReport } from './format.ts'
import { RowImport } from './row-import-store.ts'
import { CARRIED_NAMES } from './tables.ts'
import { readTransfer } from './tar-reader.ts'

export interface ImportTarget {
  url: string
  blobs: Pick<BlobStorage, 'put' | 'clearPending' | 'remove' | 'removeTenant'>
  progress: Progress
}

/** Imports the file; `as`: the name of the new tenant, by default the one that it had. StartError, with nothing imported. */
export async function importTenant(
  target: ImportTarget,
  file: string,
  as?: string,
): Promise<TransferReport & { name: string }> {
  const tenantId = uuid()
  const begun: BlobKey[] = []
  try {
    const done = await withSession(target.url, 'univera import', async (client) => {
      await requireMigrated(client)
      await client.query(`set statement_timeout to 0; set timezone to 'UTC'; set datestyle to 'ISO'`)
      const run = new TenantImport({ client, target, tenantId, as, begun })
      await client.query('begin')
      await readTransfer(file, run)
      const result = await run.finish()
      await client.query('commit')
      await clearNotes(client, target, tenantId)
      return result
    })
    return done
  } catch (error) {
    await removeFiles(target, tenantId, begun)
    throw refusalOf(error)
  }
}

/** What cannot be removed now is swept later. */
async function removeFiles(
  { blobs }: ImportTarget,
  tenantId: string,
  begun: readonly BlobKey[],
): Promise<void> {
  for (const key of begun) await blobs.remove(key).catch(() => {})
  await blobs.removeTenant(tenantId).catch(() => {})
}

/** What PostgreSQL says of values that cannot be stored, or contradict each other. */
function refusalOf(error: unknown): unknown {
  if (!/^2[23]/.test(errorCode(error))) return error
  return new StartError(`The export cannot be imported: ${reasonOf(error)}.`, { cause: error })
}

/** Bytes and rows agree; a note that stays is taken back by the sweep. */
async function clearNotes(client: pg.Client, { blobs }: ImportTarget, tenantId: string): Promise<void> {
  const { rows } = await client.query(
    `select id from record where tenant_id = $1 and entity_id = ${FILES} and app_tenant() = $1`,
    [tenantId],
  )
  for (const { id } of rows) await blobs.clearPending({ tenantId, fileId: id }).catch(() => {})
}

interface ImportContext {
  client: pg.Client
  target: ImportTarget
  tenantId: string
  as: string | undefined
  /** The files whose bytes may be stored. */
  begun: BlobKey[]
}

class TenantImport {
  readonly #context: ImportContext
  readonly #rows: RowImport
  readonly #report: TransferReport = { rows: 0, files: 0, bytes: 0, missing: 0 }
  #manifest: TransferManifest | undefined
  /** The table whose rows come, by its place. */
  #at = 0

  constructor(context: ImportContext) {
    this.#context = context
    this.#rows = new RowImport(context.client, context.tenantId)
  }

  async take(kind: EntryKind, content: Buffer): Promise<void> {
    if (kind.kind === 'manifest') return this.#begin(content)
    if (kind.kind !== 'rows') return
    this.#requireManifest()
    const at = CARRIED_NAMES.indexOf(kind.table)
    if (at < this.#at) throw new StartError(`The export cannot be read: rows of ${kind.table} come too late.`)
    this.#at = at
    this.#report.rows += await this.#rows.insert(kind.table, content)
    this.#context.target.progress(`Rows: ${this.#report.rows} (${kind.table})`)
  }

  async takeFile(id: string, content: Readable): Promise<void> {
    this.#requireManifest()
    const { client, target, tenantId, begun } = this.#context
    const { rows } = await client.query(
      `select data->>'sha256' as sha256, (data->>'size')::float8 as size from record
        where tenant_id = $1 and entity_id = ${FILES} and id = $2`,
      [tenantId, id],
    )
    if (rows[0] === undefined) throw new StartError(`The export cannot be imported: file ${id} is in no row.`)
    const key = { tenantId, fileId: id }
    begun.push(key)
    const { size, sha256 } = await target.blobs.put(key, content, rows[0].size)
    if (sha256 !== rows[0].sha256)
      throw new StartError(`The export is damaged: file ${id} has another checksum.`)
    this.#report.files += 1
    this.#report.bytes += size
    target.progress(`Files: ${this.#report.files} (${inMegabytes(this.#report.bytes)})`)
  }

  /** Makes the tenant one that can be used; its name is taken last, so that nobody waits for it meanwhile. */
  async finish(): Promise<TransferReport & { name: string }> {
    const { client, tenantId } = this.#context
    const { tenant } = this.#requireManifest()
    await this.#rows.finish()
    await client.query('select set_quotas($1, $2)', [tenantId, JSON.stringify(tenant.quotas)])
    await client
      .query('update tenant set deleted_at = null, active = $2 where id = $1', [tenantId, tenant.active])
      .catch((error) => {
        throw isUniqueViolation(error) ? nameTaken(tenant.name) : error
      })
    const { rows } = await client.query(
      `select count(*)::float8 as files from record where tenant_id = $1 and entity_id = ${FILES}`,
      [tenantId],
    )
    this.#report.missing = rows[0].files - this.#report.files
    return { ...this.#report, name: tenant.name }
  }

  #requireManifest(): TransferManifest {
    if (this.#manifest === undefined)
      throw new StartError('The file is no exported tenant: it does not begin as one.')
    return this.#manifest
  }

  async #begin(content: Buffer): Promise<void> {
    const { client, tenantId, as } = this.#context
    if (this.#manifest !== undefined) throw new StartError('The export cannot be read: it has two manifests.')
    const manifest = parseManifest(content)
    const name = as ?? manifest.tenant.name
    this.#manifest = { ...manifest, tenant: { ...manifest.tenant, name } }
    if (!new RegExp(TENANT_NAME_PATTERN).test(name))
      throw new StartError(`"${name.slice(0, 100)}" is no name of a tenant.`)
    const { rowCount } = await client.query('select from tenant_by_name($1)', [name])
    if (rowCount !== 0) throw nameTaken(name)
    await client.query(`select set_config('app.tenant_id', $1, false)`, [tenantId])
    await client.query('insert into tenant (id, name, active, deleted_at) values ($1, $2, false, now())', [
      tenantId,
      name,
    ])
  }
}

const nameTaken = (name: string) =>
  new StartError(`There is a tenant "${name}" already: import it under another name with --as NAME.`)

function parseManifest(content: Buffer): TransferManifest {
  try {
    const { format, created_at, tenant } = JSON.parse(content.toString())
    const { name, active, quotas } = tenant
    const limits = Object.entries(quotas as Record<string, unknown>)
    const areLimits = limits.every(([, limit]) => Number.isSafeInteger(limit) && (limit as number) >= 0)
    if (format === FORMAT && typeof name === 'string' && typeof active === 'boolean' && areLimits)
      return {
        format,
        created_at,
        tenant: { name, active, quotas: Object.fromEntries(limits) as Record<string, number> },
      }
  } catch {
    // Told below.
  }
  throw new StartError('The file is no exported tenant, or one of a newer version.')
}
