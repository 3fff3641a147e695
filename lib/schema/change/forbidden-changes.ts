// Changes that no rewriting of records makes good: what a field points to, and whether it holds one value or a list.
// Such a field has to be dropped and created again, at any depth.

import type { Violation } from '../../errors/problem.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { below, violation } from '../../fields/violation.ts'
import { nestedOf } from '../definition/read-defaults.ts'

/** What keeps fields of the same key from being changed like this; pointers start at the list of fields. */
export function checkChanges(before: readonly Field[], after: readonly Field[]): Violation[] {
  const known = new Map(before.map((field) => [field.key, field]))
  return after.flatMap((field, at) => {
    const old = known.get(field.key)
    return old === undefined ? [] : below(at, checkChange(old, field))
  })
}

function checkChange(before: Field, after: Field): Violation[] {
  const again = 'drop the field in one change and create it again in the next'
  if (before.type !== after.type) {
    const bound = isBound(before) || isBound(after)
    return bound
      ? [violation('type', `cannot change from ${before.type} to ${after.type}; ${again}`, '/type')]
      : []
  }
  const fixed = ['many', 'entity'].filter(
    (option) => (before[option] || undefined) !== (after[option] || undefined),
  )
  const own = fixed.map((option) => violation(option, `cannot change; ${again}`, `/${option}`))
  return [...own, ...checkNested(before, after)]
}

/** Whether the values are kept in other places too, or are lists. */
function isBound(field: Field): boolean {
  return field.many === true || (typeOf(field.type).targets?.(field) ?? []).length > 0
}

function checkNested(before: Field, after: Field): Violation[] {
  const old = new Map(nestedOf(before).map(([field]) => [field.name, field]))
  return nestedOf(after).flatMap(([field, path]) => {
    const known = old.get(field.name)
    const found = known === undefined ? [] : checkChange(known, field)
    return path.reduceRight<Violation[]>((inner, token) => below(token, inner), found)
  })
}
