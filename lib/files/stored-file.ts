// A file as the database knows it: a record of the built-in entity FILES, and the row and JSON forms of it.
import type { TextRow } from '../db/statement.ts'
import { toIsoTimestamp } from '../db/timestamp.ts'

/** What is known of a file before it is registered. */
export interface FileFacts {
  filename: string
  contentType: string
  size: number
  sha256: string
}

export interface StoredFile extends FileFacts {
  id: string
  /** ISO 8601, UTC. */
  createdAt: string
  createdBy: string | null
}

/** The columns of a file's row, for the record of alias `r`. */
export const FILE_COLUMNS = `r.id, r.data->>'filename', r.data->>'content_type', r.data->>'size', r.data->>'sha256',
  r.created_at, r.created_by`

/** The stored document of a file. */
export function toDocument({ filename, contentType, size, sha256 }: FileFacts): string {
  return JSON.stringify({ filename, content_type: contentType, size, sha256 })
}

/** From a row of FILE_COLUMNS. */
export function toStoredFile(row: TextRow): StoredFile {
  const [id, filename, contentType, size, sha256, createdAt, createdBy = null] = row as string[]
  return {
    id: id as string,
    filename: filename as string,
    contentType: contentType as string,
    size: Number(size),
    sha256: sha256 as string,
    createdAt: toIsoTimestamp(createdAt as string),
    createdBy,
  }
}

/** The path of a file's bytes. */
export function contentUrl(id: string): string {
  return `/files/${id}/content`
}

/** A file as the API shows it. */
export function toJson({ id, filename, contentType, size, sha256, createdAt }: StoredFile) {
  return {
    id,
    url: contentUrl(id),
    filename,
    content_type: contentType,
    size,
    sha256,
    created_at: createdAt,
  }
}
