// A file as the database has it, a record of the built-in entity FILES, and as the API shows it.
import { column, columns, orNull } from '../db/columns.ts'

/** The properties that a file has before it is registered. */
export interface FileFacts {
  filename: string
  /** The media type without parameters. */
  contentType: string
  /** The encoding of a text, by a name of the IANA registry. */
  charset: string
  size: number
  sha256: string
}

export interface StoredFile extends FileFacts {
  id: string
  /** ISO 8601, UTC. */
  createdAt: string
  createdBy: string | null
}

/** The columns of a file, of the alias `r`. */
export const STORED_FILE = columns<StoredFile>({
  id: column.text('r.id'),
  filename: column.text("r.data->>'filename'"),
  contentType: column.text("r.data->>'content_type'"),
  charset: column.text("coalesce(r.data->>'charset', 'utf-8')"),
  size: column.integer("r.data->>'size'"),
  sha256: column.text("r.data->>'sha256'"),
  createdAt: column.timestamp('r.created_at'),
  createdBy: orNull(column.text('r.created_by')),
})

/** The stored document of a file. */
export function toDocument({ filename, contentType, charset, size, sha256 }: FileFacts): string {
  const encoding = charset === 'utf-8' ? {} : { charset }
  return JSON.stringify({ filename, content_type: contentType, ...encoding, size, sha256 })
}

/** The path of a file's bytes. */
export function contentUrl(id: string): string {
  return `/files/${id}/content`
}

/**
 * A file as the API shows it.
 *
 * @param base what goes before a path of ours in an address for the client
 */
export function toJson({ id, filename, contentType, size, sha256, createdAt }: StoredFile, base: string) {
  return {
    id,
    url: base + contentUrl(id),
    filename,
    content_type: contentType,
    size,
    sha256,
    created_at: createdAt,
  }
}
