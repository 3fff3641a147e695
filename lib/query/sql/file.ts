// SQL: what is made of a file for an answer: the address of its content, signed if the plan says so, and whether it is in use.
import { FILES } from '../../entities/entity.ts'
import type { FileUrls } from '../plan/context.ts'
import type { FileOutput } from '../plan/level-plan.ts'
import type { Piece } from './output.ts'
import type { Row } from './row.ts'

// Scalar sub-selects, since PostgreSQL may answer an EXISTS by hashing every link and entity of the tenant.

/** True of a link `l` whose field still exists: a dropped one neither shows a file nor keeps it. */
export const LIVE_LINK = `coalesce((
  select e.definition->'fields' @> jsonb_build_array(jsonb_build_object('key', l.field))
  from entity e where e.tenant_id = l.tenant_id and e.id = l.from_entity), false)`

/** That a record holds the file of the row in a field that exists. */
export function inUseSql({ alias }: Pick<Row, 'alias'>): string {
  return `coalesce((select true from link l where l.tenant_id = ${alias}.tenant_id and l.to_entity = ${FILES}
    and l.to_id = ${alias}.id and ${LIVE_LINK} limit 1), false)`
}

/** The JSON text of the output. */
export function filePieces(output: FileOutput, row: Row): Piece[] {
  return output.member === 'url' ? urlPieces(output.urls, row) : [{ sql: `(${inUseSql(row)})::text` }]
}

function urlPieces({ before, after, signing }: FileUrls, row: Row): Piece[] {
  const id = `${row.alias}.id::text`
  const plain = [{ known: JSON.stringify(before).slice(0, -1) }, { sql: id }, { known: after }]
  if (signing === undefined) return [...plain, { known: '"' }]
  const hash = (pad: string, text: string) => `sha256(decode(${row.bind(pad, 'text')}, 'hex') || ${text})`
  const mac = hash(signing.outer, hash(signing.inner, `convert_to(${id}, 'UTF8')`))
  return [...plain, { sql: `encode(${mac}, 'hex')` }, { known: '"' }]
}
