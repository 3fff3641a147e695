// The statements that delete records, with what goes with them: their own links, the files that they held, their number.

import { Parameters } from '../../db/parameters.ts'
import { countedPart, isCounted } from '../../db/quota-counters.ts'
import type { Statement } from '../../db/statement.ts'
import { FILES } from '../../entities/entity.ts'
import { mayLinkFiles } from '../../entities/references.ts'
import { releaseFiles } from '../../query/sql/file-release.ts'
import { deletedPart, isLogged } from './log-sql.ts'
import type { Where } from './update-sql.ts'
import { answerColumns, type WriteContext, type WriteScope } from './written-row.ts'

/** Deletes the records that the condition picks, with their own links. PostgreSQL refuses (23503) while others link to one. */
export function deleteWhere(context: WriteContext, where: Where): Statement {
  const p = new Parameters()
  const remove = `delete from record as r where ${where(p)} returning`
  const { parts, sources } = deletionParts(context, p)
  if (parts.length === 0) return { text: `${remove} ${answerColumns('r', context, p)}`, values: p.values }
  const answer = answerColumns('r', context, p)
  const text = `with r as (${remove} r.*), ${parts.join(', ')} select ${answer} from ${sources.join(', ')}`
  return { text, values: p.values }
}

/** What else a deletion of the part `r` does, and what its answer has to be read from. */
function deletionParts(context: WriteScope, p: Parameters): { parts: string[]; sources: string[] } {
  const { scope, entity } = context
  const parts: string[] = []
  const sources = ['r']
  if (mayLinkFiles(entity)) {
    const [tenant, from] = [`${p.add(scope.id)}::uuid`, p.add(entity.id)]
    const held = `select l.to_id from link l join r on l.from_id = r.id
      where l.tenant_id = ${tenant} and l.from_entity = ${from} and l.to_entity = ${FILES}`
    parts.push(`released as (${releaseFiles(tenant, held)})`)
  }
  if (isCounted(scope, 'records')) {
    parts.push(countedPart(scope, 'records', 'select -count(*) from r', p))
    sources.push('counted')
  }
  parts.push(...deletedPart(context, p))
  return { parts, sources }
}

/** As deleteWhere; answers with the number of records alone. */
export function countedDelete(context: WriteScope, where: Where): Statement {
  const p = new Parameters()
  const r = isLogged(context) ? 'r.*' : 'r.id'
  const remove = `r as (delete from record as r where ${where(p)} returning ${r})`
  const { parts, sources } = deletionParts(context, p)
  const from = sources.includes('counted') ? ' from counted' : ''
  const text = `with ${[remove, ...parts].join(', ')} select (select count(*) from r)::text as count${from}`
  return { text, values: p.values }
}
