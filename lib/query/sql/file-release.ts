// SQL: when a record last let go of a file is in slot k2 of the file, from where the sweep of unused files counts. What deletes
// links writes it, in the same statement or just before; a foreign key that cascades would not say.
import { FILES } from '../../entities/entity.ts'

/**
 * Notes that the files are let go of now. Never waits: a file that another transaction holds is being let go of, or deleted,
 * by that one at the same moment.
 *
 * @param tenant SQL of the tenant's id
 * @param ids SQL that selects the ids of the files
 */
export const releaseFiles = (tenant: string, ids: string): string =>
  `update record set k2 = now()::text where tenant_id = ${tenant} and entity_id = ${FILES} and id = any(array(
    select f.id from record f where f.tenant_id = ${tenant} and f.entity_id = ${FILES} and f.id in (${ids})
    for no key update of f skip locked))`
