// In which form records leave: what the Accept header asks for, among the forms that the route has.

import { chooseType } from '../../lib/http/accept.ts'
import type { GroupOutput } from '../../lib/query/plan/level-plan.ts'
import { type Form, type RecordText, recordText } from '../../lib/records/format/record-text.ts'

/** What PostgREST's clients ask for when they want exactly one record, and when they want a list without nulls. */
const OBJECT_TYPE = 'application/vnd.pgrst.object+json'

const ARRAY_TYPE = 'application/vnd.pgrst.array+json'

export const CSV_TYPE = 'text/csv'

export const NDJSON_TYPE = 'application/x-ndjson'

const FORMS: Readonly<Record<string, Form | 'object'>> = {
  'application/json': 'list',
  [OBJECT_TYPE]: 'object',
  [ARRAY_TYPE]: 'list',
  [CSV_TYPE]: 'csv',
  [NDJSON_TYPE]: 'ndjson',
}

export interface Representation {
  form: Form | 'object'
  /** For the Content-Type header. */
  contentType: string
  /** Whether members that are null are left out. */
  stripped: boolean
}

/** Of a list: a JSON array, one object, CSV or lines of JSON; errors.notAcceptable. */
export function listRepresentation(accept: string | undefined): Representation {
  return choose(accept, Object.keys(FORMS))
}

/** Of one record: JSON; errors.notAcceptable. */
export function recordRepresentation(accept: string | undefined): Representation {
  return choose(accept, ['application/json', OBJECT_TYPE])
}

function choose(accept: string | undefined, offered: readonly string[]): Representation {
  const { type, parameters } = chooseType(accept, offered)
  const form = FORMS[type] ?? 'list'
  const stripped = type.startsWith('application/vnd.pgrst.') && parameters.includes('nulls=stripped')
  return { form, stripped, contentType: `${type}${stripped ? ';nulls=stripped' : ''}; charset=utf-8` }
}

/** How several records are written; one object is written as the only element of a list is. */
export function textOf({ form, stripped }: Representation, outputs: readonly GroupOutput[]): RecordText {
  return recordText(form === 'object' ? 'list' : form, outputs, stripped)
}
