// The file fields of records that are about to be stored: whether each file exists, whether the caller may use it, and
// whether it has a type and size that its field takes. One query for any number of records.

import type { Caller } from '../auth/caller.ts'
import type { TenantDb } from '../db/statement.ts'
import type { Entity } from '../entities/entity.ts'
import type { Violation } from '../errors/problem.ts'
import { quantity } from '../errors/quantity.ts'
import { errors } from '../errors.ts'
import type { Field } from '../fields/field.ts'
import type { FileField } from '../fields/file.ts'
import { typeOf } from '../fields/index.ts'
import { holdersFor } from './file-access.ts'
import { selectReadableFiles } from './file-sql.ts'
import type { FileStores } from './file-store.ts'
import { STORED_FILE, type StoredFile } from './stored-file.ts'

/** The files that one field of one record holds. */
export interface FileValue {
  /** The definition that the files must fit; inside objects and arrays the innermost. */
  field: FileField
  ids: readonly string[]
  /** Of the top-level field that they are in. */
  pointer: string
  /** Which record of a batch. */
  row?: number
}

/** The file values in a record's stored data (field key -> value). */
export function fileValuesOf(
  fields: readonly Field[],
  data: Readonly<Record<string, unknown>>,
  row?: number,
): FileValue[] {
  return fields.flatMap((top) => {
    const value = data[top.key]
    if (value == null) return []
    const targets = typeOf(top.type).links?.(value, top) ?? []
    return targets
      .filter(({ entity }) => entity === null)
      .map(({ ids, field }) => ({
        field,
        ids,
        pointer: `/${top.name}`,
        ...(row === undefined ? {} : { row }),
      }))
  })
}

/** `image/*` takes every image. */
function takesType(allowed: readonly string[], contentType: string): boolean {
  const family = `${contentType.split('/', 1)[0]}/*`
  return allowed.includes(contentType) || allowed.includes(family)
}

type Rule = [keyword: string, message: string]

function brokenRules({ mime_types, max_size }: FileField, id: string, file: StoredFile | undefined): Rule[] {
  if (file === undefined) return [['reference', `refers to the file ${id}, which does not exist`]]
  const rules: Rule[] = []
  if (mime_types !== undefined && !takesType(mime_types, file.contentType))
    rules.push(['mime_types', `must be ${mime_types.join(' or ')}, not ${file.contentType}`])
  if (max_size !== undefined && file.size > max_size)
    rules.push(['max_size', `must have at most ${quantity(max_size, 'byte')}, not ${file.size}`])
  return rules
}

/**
 * Checks file values against what is known of the files.
 *
 * @param files those that exist and that the caller may use, by id
 */
export function checkFileValues(
  values: readonly FileValue[],
  files: ReadonlyMap<string, StoredFile>,
): Violation[] {
  return values.flatMap(({ field, ids, pointer, row }) =>
    ids.flatMap((id) =>
      brokenRules(field, id, files.get(id)).map(([keyword, message]) => ({
        pointer,
        keyword,
        message,
        ...(row === undefined ? {} : { row }),
      })),
    ),
  )
}

/**
 * Refuses stored data whose file fields hold what they may not; errors.invalidBody with every violation.
 *
 * @param data one or more records of the entity, or patches of them
 */
export async function requireUsableFiles(
  { db, registry }: Pick<FileStores, 'registry'> & { db: Pick<TenantDb, 'read'> },
  { caller, entity }: { caller: Caller; entity: Entity },
  data: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const values = data.flatMap((d, row) => fileValuesOf(entity.fields, d, data.length > 1 ? row : undefined))
  const ids = [...new Set(values.flatMap((value) => value.ids))]
  if (ids.length === 0) return
  const rows = await db.read(
    caller.tenant,
    selectReadableFiles(caller, await holdersFor(registry, caller), ids),
  )
  const files = new Map(rows.map(STORED_FILE.decode).map((file) => [file.id, file]))
  const violations = checkFileValues(values, files)
  if (violations.length > 0) throw errors.invalidBody(violations)
}
