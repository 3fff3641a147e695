// The statements on files. A file is a record of the entity FILES; slot k1 is its uploader.

import type { Caller } from '../auth/caller.ts'
import { IS_ADMITTED } from '../db/enter.ts'
import { Parameters } from '../db/parameters.ts'
import { countedPart, isCounted } from '../db/quota-counters.ts'
import type { TenantScope } from '../db/scope.ts'
import type { Statement } from '../db/statement.ts'
import { FILES } from '../entities/entity.ts'
import { inUseSql, LIVE_LINK } from '../query/sql/file.ts'
import { type Holder, mayRead } from './file-access.ts'
import { type FileFacts, STORED_FILE, toDocument } from './stored-file.ts'

/** Answers with the rows of the part `r`; for a tenant with such a quota their bytes are counted, once added, once gone. */
function answerFiles(scope: TenantScope, parts: string[], sign: '' | '-', p: Parameters): Statement {
  const sources = ['r']
  if (isCounted(scope, 'file_bytes')) {
    const bytes = `select ${sign}coalesce(sum((r.data->>'size')::bigint), 0) from r`
    parts.push(countedPart(scope, 'file_bytes', bytes, p))
    sources.push('counted')
  }
  const text = `with ${parts.join(', ')} select ${STORED_FILE.list} from ${sources.join(', ')}`
  return { text, values: p.values }
}

export function insertFile({ id, tenant }: Caller, fileId: string, facts: FileFacts): Statement {
  const p = new Parameters()
  const insert = `insert into record (tenant_id, entity_id, id, created_by, k1, data)
    select ${p.add(tenant.id)}, ${FILES}, ${p.add(fileId)}, ${p.add(id, 'uuid')}, ${p.add(id)}, ${p.add(toDocument(facts))}
    where ${IS_ADMITTED}
    returning *`
  return answerFiles(tenant, [`r as (${insert})`], '', p)
}

/** The files among these ids that the caller may read. */
export function selectReadableFiles(
  caller: Caller,
  holders: readonly Holder[],
  ids: readonly string[],
): Statement {
  const p = new Parameters()
  const text = `select ${STORED_FILE.list} from record r where r.tenant_id = ${p.add(caller.tenant.id)}
    and r.entity_id = ${FILES} and r.id = any(${p.add(ids)}::uuid[]) and ${mayRead(caller, holders, p)}`
  return { text, values: p.values }
}

/** Whether the file exists, regardless of who may read it. */
export function selectFileExists(tenantId: string, id: string): Statement {
  return {
    text: `select 1 from record where tenant_id = $1 and entity_id = ${FILES} and id = $2`,
    values: [tenantId, id],
  }
}

/** Locks files of the tenant, by their ids, that no record holds and none has held since a moment; others' locks are passed over. */
export function selectUnusedFiles(tenantId: string, before: Date, limit: number): Statement {
  const p = new Parameters()
  const [tenant, since] = [p.add(tenantId), `${p.add(before.toISOString())}::timestamptz`]
  // A dropped field has let go of its files with a change of its entity.
  const text = `select r.id::text from record r
    where r.tenant_id = ${tenant} and r.entity_id = ${FILES} and r.created_at < ${since}
      and (r.k2 is null or r.k2::timestamptz < ${since}) and not ${inUseSql({ alias: 'r' })}
      and not exists (select from link l join entity e on e.tenant_id = l.tenant_id and e.id = l.from_entity
        where l.tenant_id = r.tenant_id and l.to_entity = ${FILES} and l.to_id = r.id and e.updated_at >= ${since})
    order by r.id limit ${p.add(limit)} for update of r skip locked`
  return { text, values: p.values }
}

/** Deletes those of the locked files that are still unused. */
export function deleteUnusedFiles(scope: TenantScope, ids: readonly string[]): Statement {
  const p = new Parameters()
  const [tenant, files] = [p.add(scope.id), `${p.add(ids)}::uuid[]`]
  const loosen = `delete from link l where l.tenant_id = ${tenant} and l.to_entity = ${FILES}
    and l.to_id = any(${files}) and not ${LIVE_LINK}`
  const remove = `delete from record r where r.tenant_id = ${tenant} and r.entity_id = ${FILES}
    and r.id = any(${files}) and not ${inUseSql({ alias: 'r' })} returning *`
  return answerFiles(scope, [`loosened as (${loosen})`, `r as (${remove})`], '-', p)
}

/** Deletes a file; PostgreSQL refuses (23503) while a record holds it in a field that still exists. */
export function deleteFileRow(scope: TenantScope, id: string): Statement {
  const p = new Parameters()
  const [tenant, file] = [p.add(scope.id), p.add(id)]
  const loosen = `delete from link l
    where l.tenant_id = ${tenant} and l.to_entity = ${FILES} and l.to_id = ${file} and not ${LIVE_LINK}`
  const remove = `delete from record where tenant_id = ${tenant} and entity_id = ${FILES} and id = ${file} returning *`
  return answerFiles(scope, [`loosened as (${loosen})`, `r as (${remove})`], '-', p)
}
