// The file of an exported tenant: a tar of manifest.json, rows of tables as NDJSON, the bytes of files, and the checksums of
// all before them.
import { UUID_PATTERN } from '../fields/uuid.ts'
import { inMegabytes } from '../process/progress.ts'
import { CARRIED_NAMES, type CarriedName } from './tables.ts'

export const FORMAT = 'univera tenant 1'

export const MANIFEST = 'manifest.json'

export const CHECKSUMS = 'SHA256SUMS'

export interface TransferManifest {
  format: typeof FORMAT
  created_at: string
  tenant: { name: string; active: boolean; quotas: Record<string, number> }
}

/** How many rows and files there were. */
export interface TransferReport {
  rows: number
  files: number
  bytes: number
  /** Files whose bytes are lost, or not the ones that were uploaded: they have none in the export. */
  missing: number
}

/** Bytes of rows after which another entry begins. */
export const ROWS_BYTES = 4 * 2 ** 20

/** Bytes of an entry that is read into memory: a record with all that PostgreSQL holds of it. */
export const LARGEST_ENTRY = 256 * 2 ** 20

export const rowsName = (table: CarriedName, number: number) =>
  `rows/${table}/${String(number).padStart(6, '0')}.ndjson`

export const fileName = (id: string) => `files/${id}`

/** What an entry of that name is; undefined: nothing that an export has. */
export type EntryKind =
  | { kind: 'manifest' }
  | { kind: 'checksums' }
  | { kind: 'rows'; table: CarriedName }
  | { kind: 'file'; id: string }

const ROWS = new RegExp(`^rows/(${CARRIED_NAMES.join('|')})/[0-9]{6,9}\\.ndjson$`)

const FILE = new RegExp(`^files/(${UUID_PATTERN})$`)

/** Reads the name of an entry. */
export function entryKind(name: string): EntryKind | undefined {
  if (name === MANIFEST) return { kind: 'manifest' }
  if (name === CHECKSUMS) return { kind: 'checksums' }
  const [, table] = ROWS.exec(name) ?? []
  if (table !== undefined) return { kind: 'rows', table: table as CarriedName }
  const [, id] = FILE.exec(name) ?? []
  return id === undefined ? undefined : { kind: 'file', id }
}

/** What was carried, in a few words. */
export function describeTransfer({ rows, files, bytes, missing }: TransferReport): string {
  const lost = missing === 0 ? '' : `, without the bytes of ${missing} that are lost or damaged`
  return `${rows} rows and ${files} files (${inMegabytes(bytes)})${lost}`
}
