// Which changes of a field's type or shape can convert values at all. Whether each value does is convert-value.ts's. Pure.
import { errors } from '../../errors.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { formerMember } from './convert-value.ts'

/** Types whose values are texts that may name, or hold, anything. */
const TEXTS = ['string', 'text', 'email', 'url', 'uuid', 'enum']

/** Types of which a value can become any other of them, if its text is one. */
const SCALARS = [...TEXTS, 'integer', 'float', 'decimal', 'boolean', 'date', 'time', 'datetime']

/** errors.cannotConvert, with what is possible, when no value of `from` can become one of `to`. */
export function requireConvertible(from: Field, to: Field): void {
  if (!canConvert(from, to))
    throw errors.cannotConvert(from.name, describe(from), describe(to), possible(from))
}

export function canConvert(from: Field, to: Field): boolean {
  if (to.type === 'json') return !isReference(from)
  const [source, target] = [from, to].map((field) => typeOf(field.type).element?.(field))
  if (from.type === 'json') return !isReference(to)
  if (source !== undefined || target !== undefined) return canConvert(source ?? from, target ?? to)
  if (isReference(from) || isReference(to)) return canRelate(from, to)
  if (from.type === 'object' && to.type === 'object') return canReshape(from, to)
  if (from.type === 'object') return false
  return to.type !== 'object' || TEXTS.includes(from.type)
}

/** Whether values are ids that have rows in `link`. */
const isReference = ({ type }: Field) => type === 'relation' || type === 'file'

function canRelate(from: Field, to: Field): boolean {
  if (from.type === to.type) return from.entity === to.entity
  if (from.type === 'file' || to.type === 'file') return false
  return TEXTS.includes(from.type) || TEXTS.includes(to.type)
}

function canReshape(from: Field, to: Field): boolean {
  const [before, after] = [from.fields as Field[], to.fields as Field[]]
  return after.every((member) => {
    const former = formerMember(member, before, after)
    return former === undefined || canConvert(former, member)
  })
}

function describe(field: Field): string {
  const { items } = field as { items?: Field }
  if (items !== undefined) return `array of ${items.type}`
  const target = field.entity === undefined ? '' : ` to ${String(field.entity)}`
  return `${field.type}${field.many === true ? ' (many)' : ''}${target}`
}

function possible(from: Field): string[] {
  const inner = typeOf(from.type).element?.(from) ?? from
  if (inner.type === 'file') return ['file, one or many']
  if (inner.type === 'relation')
    return [`relation to ${String(inner.entity)}, one or many`, 'string', 'text', 'uuid']
  if (inner.type === 'object') return ['object', 'array of object', 'json']
  return [
    ...SCALARS,
    'json',
    'arrays of these',
    ...(TEXTS.includes(inner.type) ? ['relation', 'object'] : []),
  ]
}
