// The rows of files of the whole database, for their bytes to be copied: read within the snapshot of a dump, or looked up again.
import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { FILES } from '../entities/entity.ts'
import type { BlobKey } from '../files/storage.ts'
import { liftRowSecurity, listTables } from '../postgres/dump/tables-store.ts'
import { withSession } from '../postgres/session.ts'

/** A file whose bytes are to be there. */
export interface ListedFile extends BlobKey {
  sha256: string
  size: number
}

/** Writes the files of the snapshot into a list; those of deleted tenants are about to go, and left out. */
export async function listFiles(client: pg.Client, path: string): Promise<void> {
  const rows = client.query(
    copyTo(`copy (select r.tenant_id, r.id, r.data->>'sha256', r.data->>'size'
      from record r join tenant t on t.id = r.tenant_id
      where r.entity_id = ${FILES} and t.deleted_at is null order by r.tenant_id, r.id) to stdout`),
  )
  await pipeline(rows, createWriteStream(path, { mode: 0o600 }))
}

/** The files of a list, one by one. */
export async function* readFileList(path: string): AsyncGenerator<ListedFile> {
  const list = await open(path)
  for await (const line of list.readLines()) {
    const [tenantId = '', fileId = '', sha256 = '', size = ''] = line.split('\t')
    yield { tenantId, fileId, sha256, size: Number(size) }
  }
}

/** Those of the files whose rows are still there. */
export function stillThere(url: string, files: readonly BlobKey[]): Promise<BlobKey[]> {
  return withSession(url, 'univera backup', async (client) => {
    await client.query('begin')
    await liftRowSecurity(client, await listTables(client))
    const { rows } = await client.query<BlobKey>(
      `select f.t as "tenantId", f.i as "fileId" from unnest($1::uuid[], $2::uuid[]) as f (t, i)
        join record r on r.tenant_id = f.t and r.entity_id = ${FILES} and r.id = f.i`,
      [files.map(({ tenantId }) => tenantId), files.map(({ fileId }) => fileId)],
    )
    return rows
  })
}
