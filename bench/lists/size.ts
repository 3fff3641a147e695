// What tables take on the disk.

import type pg from 'pg'

/** Bytes of these tables, with their indexes. */
export async function sizeOf(database: pg.Client, tables: readonly string[]): Promise<number> {
  const text = 'select sum(pg_total_relation_size(name::regclass)) as bytes from unnest($1::text[]) name'
  const { rows } = await database.query<{ bytes: string }>(text, [tables])
  return Number(rows[0]?.bytes)
}
