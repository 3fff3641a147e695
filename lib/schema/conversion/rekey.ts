// New keys for the fields whose stored form changes, with the way that their values take there. On the way back a field gets
// the key that it had at the time. Pure.
import type { EntityDefinition } from '../../entities/entity.ts'
import type { Field, FormerKey } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { freshKey, retire } from '../change/field-keys.ts'
import type { ConvertByField } from './convert-options.ts'
import { requireConvertible } from './convertible.ts'
import type { FieldConversion } from './field-conversion.ts'
import { keepsForm } from './stored-form.ts'

type Keyed = Pick<EntityDefinition, 'fields' | 'retiredKeys'>

export interface Rekeyed extends Keyed {
  conversions: Map<string, FieldConversion>
}

interface Asked {
  convert: ConvertByField
  /** Names of the fields whose default existing records are to get. */
  backfill: ReadonlySet<string>
}

/**
 * errors.cannotConvert.
 *
 * @param assigned the fields with the keys that they would have if no stored form changed
 */
export function rekey(current: Keyed, assigned: Keyed, asked: Asked): Rekeyed {
  const byKey = new Map(current.fields.map((field) => [field.key, field]))
  const used = new Set([...current.retiredKeys, ...assigned.fields.map(({ key }) => key), ...byKey.keys()])
  const conversions = new Map<string, FieldConversion>()
  const fields = assigned.fields.map((field) => {
    const before = byKey.get(field.key)
    const holder = before ?? heir(current.fields, field.key)
    if (holder === undefined) return field
    const options = asked.convert.get(field.name) ?? {}
    if (before !== undefined && keepsForm(before, field, options)) return withFormer(field, before.from)
    requireConvertible(holder, field)
    const key = before === undefined ? field.key : freshKey(field.name, used)
    used.add(key)
    const to = withFormer({ ...field, key }, formerOf(holder, key))
    const backfill = asked.backfill.has(field.name)
    conversions.set(key, {
      from: holder,
      to,
      options,
      ...(before === undefined ? { revives: true } : {}),
      ...(backfill ? { backfill } : {}),
    })
    return to
  })
  return { fields, retiredKeys: retire(current, fields), conversions }
}

/** The field whose values were under this key before. */
export function heir(fields: readonly Field[], key: string): Field | undefined {
  return fields.find(({ from }) => from?.some((former) => former.key === key))
}

function withFormer({ from: _, ...field }: Field, from: FormerKey[] | undefined): Field {
  return (from === undefined ? field : { ...field, from }) as Field
}

/** The keys under which earlier values stay, the last one first. */
function formerOf(holder: Field, key: string): FormerKey[] {
  const linked = typeOf(holder.type).targets?.(holder).length ? { linked: true as const } : {}
  return [{ key: holder.key, ...linked }, ...(holder.from ?? [])].filter((former) => former.key !== key)
}
