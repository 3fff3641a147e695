// The columns and the JSON Schemas of what the server written by hand returns.

export const text = { type: 'string' }

export const whole = { type: 'integer' }

export const object = (properties: object) => ({ type: 'object', properties })

export const list = (items: object) => ({ type: 'array', items })

export const COLUMNS =
  'id, name, age, email, enrolled, amount, grade, school_id as school, created_at, updated_at'

/** The same columns of `students s`. */
export const OWN_COLUMNS = COLUMNS.split(', ')
  .map((column) => `s.${column}`)
  .join(', ')

/** What is shown of a school, a tag, and a student beside a comment. */
export const RELATED = { id: text, name: text }

const fields = {
  name: text,
  age: whole,
  email: text,
  enrolled: { type: 'boolean' },
  amount: text,
  grade: { type: ['number', 'null'] },
  school: { type: ['string', 'null'] },
}

const moments = {
  created_at: { type: 'string', format: 'date-time' },
  updated_at: { type: 'string', format: 'date-time' },
}

export const STUDENT = object({ id: text, ...fields, ...moments })

export const WRITTEN = { ...object(fields), additionalProperties: false }

export const STUDENT_WITH_SCHOOL = object({
  id: text,
  ...fields,
  ...moments,
  school: object(RELATED),
})

export const AGE_GROUP = object({ age: whole, count: whole, sum: text })

export const COMMENT = { id: text, body: text }
