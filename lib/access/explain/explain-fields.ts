// Which fields a subject may read and write, and why not.
import { PERSON_FIELDS } from '../../entities/entity.ts'
import { rowsOf } from '../policy.ts'
import type { Trace } from './subject.ts'

export interface ExplainedField {
  read: boolean
  write: boolean
  because?: string
}

/** By name. What the one who asks may neither read nor write is not among them. */
export function explainFields(trace: Trace): Record<string, ExplainedField> {
  const { entity, policy, mayKnow } = trace
  const writes = rowsOf(policy, 'create') !== false || rowsOf(policy, 'update') !== false
  const own = entity.fields.map(
    (field) =>
      [field.name, { read: policy.readable(field), write: writes && policy.writable(field) }] as const,
  )
  const persons = PERSON_FIELDS.map(
    (name) => [name, { read: !policy.hidden.includes(name), write: false }] as const,
  )
  const shown = [...own, ...persons].filter(([name, { read, write }]) => read || write || mayKnow(name))
  // A field may have any name but those of Object.prototype.
  return Object.fromEntries(
    shown.map(([name, field]) => [name, { ...field, ...why(field, { trace, writes, name }) }]),
  )
}

interface Denied {
  trace: Trace
  writes: boolean
  name: string
}

function why(field: ExplainedField, denied: Denied): { because?: string } {
  const reasons = [
    ...(field.read ? [] : [whyUnread(denied.trace)]),
    ...(field.write ? [] : [whyUnwritten(denied)]),
  ]
  return reasons.length === 0 ? {} : { because: reasons.join('; ') }
}

function whyUnread({ policy, subject: { user } }: Trace): string {
  return policy.read === false ? `${user.role} may read no record` : `not in fields.read of ${user.role}`
}

function whyUnwritten({ trace: { subject }, writes, name }: Denied): string {
  if ((PERSON_FIELDS as readonly string[]).includes(name)) return 'the server alone writes it'
  const { role } = subject.user
  return writes ? `not in fields.write of ${role}` : `${role} may neither create nor change records`
}
