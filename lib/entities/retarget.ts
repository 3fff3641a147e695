// Relations that follow an entity to its new name. Pure.
import type { Field } from '../fields/field.ts'
import { typeOf } from '../fields/index.ts'

/** The field with its relations, at any depth, to the entity `from` leading to `to`. */
export function retarget(field: Field, from: string, to: string): Field {
  const nested = Object.keys(typeOf(field.type).nested ?? {}).map((option) => {
    const inner = field[option] as Field | Field[]
    return [
      option,
      Array.isArray(inner) ? inner.map((one) => retarget(one, from, to)) : retarget(inner, from, to),
    ]
  })
  const own = field.entity === from && typeOf(field.type).targets !== undefined ? { entity: to } : {}
  return { ...field, ...Object.fromEntries(nested), ...own }
}
