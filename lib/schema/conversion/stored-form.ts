// Whether a changed field stores its values in the same bytes as before: then it keeps its key, and values only have to be
// checked. Otherwise it gets a new key, and the old values stay under the old one. Pure.
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { isWider } from '../change/widening.ts'
import type { ConvertOptions } from './convert-options.ts'
import { formerMember } from './convert-value.ts'

/** Options whose change gives values another stored form. */
const FORMING = ['many', 'entity', 'scale']

/** True when no stored value changes its bytes, whatever `convert` says of it. */
export function keepsForm(before: Field, after: Field, options: ConvertOptions = {}): boolean {
  return hasSameForm(before, after) && !asksForMore(before, after, options)
}

function asksForMore(
  before: Field,
  after: Field,
  { map, trim, otherwise = 'refuse' }: ConvertOptions,
): boolean {
  return map !== undefined || trim === true || (otherwise !== 'refuse' && !isWider(before, after))
}

function hasSameForm(before: Field, after: Field): boolean {
  if (before.type !== after.type) return isPlain(before, after)
  const isSame = FORMING.every((option) => (before[option] || undefined) === (after[option] || undefined))
  if (!isSame || (after.trim === true && before.trim !== true)) return false
  return Object.entries(typeOf(after.type).nested ?? {}).every(([option, kind]) =>
    kind === 'field'
      ? hasSameForm(before[option] as Field, after[option] as Field)
      : haveSameForm(before[option] as Field[], after[option] as Field[]),
  )
}

/** What has no former member has no values; what is gone must have none, as the check says. */
function haveSameForm(before: readonly Field[], after: readonly Field[]): boolean {
  return after.every((member) => {
    const former = formerMember(member, before, after)
    return former === undefined || (former.name === member.name && hasSameForm(former, member))
  })
}

const TEXTS = ['string', 'text']

/** To a text from a type that stores texts as they were sent. */
function isPlain(before: Field, after: Field): boolean {
  const [from, to] = [typeOf(before.type), typeOf(after.type)]
  const sameForm =
    from.normalize === to.normalize && from.sortKey === to.sortKey && from.exactKey === to.exactKey
  return TEXTS.includes(after.type) && sameForm && (after.trim !== true || before.trim === true)
}
