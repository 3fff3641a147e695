// The records that a conversion to a relation makes for texts that lead to none (`missing: create`): each has the text in the
// field of `lookup`, and the defaults of the others.
import { count } from '../../db/quota-counters.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable } from '../../db/statement.ts'
import { derive } from '../../entities/derived-columns.ts'
import type { Entity } from '../../entities/entity.ts'
import { createdAtOf, newRecordId } from '../../entities/record-id.ts'
import type { Field } from '../../fields/field.ts'
import { convertValue } from './convert-value.ts'

/** Required fields that such a record would lack: then none can be made. */
export function lackingFields({ fields }: Entity, lookup: string): string[] {
  const lacking = fields.filter(
    (field) => field.required && field.default === undefined && field.name !== lookup,
  )
  return lacking.map(({ name }) => name)
}

/** Whether the text can be the value of a new record. */
export function fits(text: string, field: Field): boolean {
  return 'value' in convertValue(text, { from: textField, to: field, options: {} })
}

const textField: Field = { name: 'text', key: 'text', type: 'text' }

function dataOf({ fields }: Entity, field: Field, text: string): Record<string, unknown> {
  const values = fields.map((one): [string, unknown] => {
    const given = one === field ? text : one.default
    if (given === undefined) return [one.key, null]
    const verdict = convertValue(given, { from: one === field ? textField : one, to: one, options: {} })
    return [one.key, 'value' in verdict ? verdict.value : null]
  })
  return Object.fromEntries(values.filter(([, value]) => value !== null))
}

/** Makes a record for each text; one that another transaction makes meanwhile is left alone. */
export async function createMissing(
  tx: Queryable,
  scope: TenantScope,
  { target, field, texts }: { target: Entity; field: Field; texts: readonly string[] },
): Promise<void> {
  if (texts.length === 0) return
  const rows = texts.map((text) => {
    const [id, data] = [newRecordId(), dataOf(target, field, text)]
    const { keys, slots } = derive(target, data)
    return { id, created: createdAtOf(id), data, keys, ...slots }
  })
  const slots = Object.keys(derive(target, {}).slots)
  const columns = ['id', 'data', 'keys', ...slots]
  const types = [
    'id uuid',
    'created timestamptz',
    'data jsonb',
    'keys jsonb',
    ...slots.map((name) => `${name} text`),
  ]
  const { rowCount } = await tx.query(
    `insert into record (tenant_id, entity_id, created_at, updated_at, ${columns.join(', ')})
     select $1, $2, d.created, d.created, ${columns.map((name) => `d.${name}`).join(', ')}
     from jsonb_to_recordset($3::jsonb) as d(${types.join(', ')}) on conflict do nothing`,
    [target.tenantId, target.id, JSON.stringify(rows)],
  )
  await count(tx, scope, 'records', rowCount ?? 0)
}
