// Exports a tenant into a file: its rows as of one snapshot, without locks, and the bytes of its files. Anything that would
// make the export inconsistent has it begun again.
import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { FILES } from '../entities/entity.ts'
import { errorCode } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'
import type { BlobKey, BlobStorage } from '../files/storage.ts'
import { requireMigrated } from '../postgres/migrate.ts'
import { withSession } from '../postgres/session.ts'
import { inMegabytes, type Progress } from '../process/progress.ts'
import {
  FORMAT,
  fileName,
  MANIFEST,
  ROWS_BYTES,
  rowsName,
  type TransferManifest,
  type TransferReport,
} from './format.ts'
import { CARRIED, CARRIED_NAMES, type CarriedName, type CarriedTable } from './tables.ts'
import { TarWriter } from './tar-writer.ts'

export interface ExportSource {
  url: string
  blobs: Pick<BlobStorage, 'open'>
  progress: Progress
}

interface Run extends ExportSource {
  client: pg.Client
  tar: TarWriter
  tenantId: string
  report: TransferReport
  /** Those without bytes. */
  lost: BlobKey[]
}

/** Snapshots that are taken because files of the last one were deleted before they were read. */
const TRIES = 5

const PAGE = 500

/** Exports the tenant of that name; StartError when there is none, or the file cannot be written. */
export async function exportTenant(
  source: ExportSource,
  name: string,
  file: string,
): Promise<TransferReport> {
  try {
    for (let attempt = 1; ; attempt++) {
      const report = await tryExport(source, { name, file, isLast: attempt === TRIES })
      if (report !== undefined) return report
    }
  } catch (error) {
    throw /^E[A-Z]+$/.test(errorCode(error))
      ? new StartError(`The export cannot be written: ${reasonOf(error)}`, { cause: error })
      : error
  }
}

interface Try {
  name: string
  file: string
  isLast: boolean
}

/** Undefined when files of the snapshot were deleted before they were read. */
async function tryExport(
  source: ExportSource,
  { name, file, isLast }: Try,
): Promise<TransferReport | undefined> {
  const tar = await TarWriter.open(file)
  try {
    const { report, lost, tenantId } = await withSession(source.url, 'univera export', (client) =>
      exportOnce({ ...source, client, tar }, name),
    )
    const isConsistent = isLast || (await areLost(source.url, tenantId, lost))
    await (isConsistent ? tar.finish() : tar.abort())
    return isConsistent ? report : undefined
  } catch (error) {
    await tar.abort()
    throw error
  }
}

async function exportOnce(given: ExportSource & Pick<Run, 'client' | 'tar'>, name: string): Promise<Run> {
  const { client, tar } = given
  await requireMigrated(client)
  await client.query(`set statement_timeout to 0; set timezone to 'UTC'; set datestyle to 'ISO'`)
  await client.query('begin isolation level repeatable read read only')
  const { rows } = await client.query('select id, name, active, quotas from tenant_by_name($1)', [name])
  if (rows[0] === undefined) throw new StartError(`There is no tenant "${name}".`)
  const { id: tenantId, ...tenant } = rows[0]
  await client.query(`select set_config('app.tenant_id', $1, true)`, [tenantId])
  const manifest: TransferManifest = { format: FORMAT, created_at: new Date().toISOString(), tenant }
  await tar.add(MANIFEST, Buffer.from(JSON.stringify(manifest)))
  const run: Run = { ...given, tenantId, lost: [], report: { rows: 0, files: 0, bytes: 0, missing: 0 } }
  for (const table of CARRIED_NAMES) await exportRows(run, table)
  await exportFiles(run)
  await client.query('rollback')
  return run
}

async function exportRows(run: Run, table: CarriedName): Promise<void> {
  const { columns, where = 'true', order }: CarriedTable = CARRIED[table]
  const text = `select to_jsonb(x)::text as row from (select ${Object.keys(columns).join(', ')} from ${table}
    where tenant_id = $1 and ${where} order by ${order}) x`
  let lines: string[] = []
  let size = 0
  let number = 0
  const flush = async () => {
    if (lines.length > 0) await run.tar.add(rowsName(table, ++number), Buffer.from(lines.join('')))
    lines = []
    size = 0
  }
  for await (const { row } of cursor<{ row: string }>(run, text)) {
    lines.push(`${row}\n`)
    size += row.length
    run.report.rows += 1
    run.progress(`Rows: ${run.report.rows} (${table})`)
    if (size > ROWS_BYTES) await flush()
  }
  await flush()
}

async function* cursor<T extends object>({ client, tenantId }: Run, text: string): AsyncGenerator<T> {
  await client.query(`declare exported no scroll cursor for ${text}`, [tenantId])
  for (;;) {
    const { rows } = await client.query<T>(`fetch ${PAGE} from exported`)
    if (rows.length === 0) break
    yield* rows
  }
  await client.query('close exported')
}

interface FileRow {
  id: string
  sha256: string
  size: string
}

async function exportFiles(run: Run): Promise<void> {
  const { tenantId, report, progress } = run
  const text = `select id, data->>'sha256' as sha256, data->>'size' as size from record
    where tenant_id = $1 and entity_id = ${FILES} order by id`
  for await (const { id, sha256, size } of cursor<FileRow>(run, text)) {
    const key = { tenantId, fileId: id }
    if ((await hashBlob(run, key)) === sha256) await exportFile(run, key, Number(size))
    else {
      report.missing += 1
      run.lost.push(key)
    }
    progress(`Files: ${report.files} (${inMegabytes(report.bytes)})`)
  }
}

/** An entry begins with its size, so that bytes are looked at before they are written. */
async function hashBlob({ blobs }: Run, key: BlobKey): Promise<string | undefined> {
  const source = await blobs.open(key)
  if (source === null) return undefined
  const hash = createHash('sha256')
  await pipeline(source, hash)
  return hash.digest('hex')
}

async function exportFile({ blobs, tar, report }: Run, key: BlobKey, size: number): Promise<void> {
  const source = await blobs.open(key)
  if (source === null) throw new StartError('A file was deleted while it was exported: try again.')
  await tar.addStream(fileName(key.fileId), size, source)
  report.files += 1
  report.bytes += size
}

/** Whether the rows of all these files are still there: then their bytes were lost before. */
function areLost(url: string, tenantId: string, files: readonly BlobKey[]): Promise<boolean> {
  return withSession(url, 'univera export', async (client) => {
    await client.query(`select set_config('app.tenant_id', $1, false)`, [tenantId])
    const { rowCount } = await client.query(
      `select from record where tenant_id = $1 and entity_id = ${FILES} and id = any($2::uuid[])`,
      [tenantId, files.map(({ fileId }) => fileId)],
    )
    return rowCount === files.length
  })
}
