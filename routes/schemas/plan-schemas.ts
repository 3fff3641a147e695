// The parts of the documentation of plans: what a preview answers, and what a plan is.
import { change } from './version-schemas.ts'

const count = (description: string) => ({ type: 'integer', description })

const records = {
  type: 'object',
  properties: {
    checked: count('Looked at'),
    total: count('Of the entity'),
    ok: count('Whose values fit, or convert'),
    failing: count('Whose values do not'),
  },
}

const failures = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      keyword: { type: 'string', examples: ['type'] },
      message: { type: 'string', examples: ['must be an integer'] },
      count: { type: 'integer' },
      sample: {
        type: 'array',
        items: { type: 'object', properties: { id: { type: 'string' }, value: {} } },
        description: 'Up to five records',
      },
    },
  },
}

const samples = {
  type: 'array',
  items: { type: 'object', properties: { id: { type: 'string' }, old: {}, new: {} } },
  description: 'Up to five records whose value changes',
}

const plannedChange = {
  ...change,
  additionalProperties: true,
  properties: {
    ...change.properties,
    otherwise: { type: 'string', description: 'What becomes of values that do not convert' },
    records: { description: 'Of a change that depends on values: how many `ok` and `failing`' },
    lossy: count('Records that lose something by it'),
    failures,
    samples,
  },
}

const by = {
  type: ['object', 'null'],
  properties: { id: { type: ['string', 'null'] }, username: { type: 'string' } },
}

const head = {
  plan: { type: ['string', 'null'], description: 'Its id; null: a sample cannot be carried out' },
  kind: { type: 'string', enum: ['change', 'rollback', 'purge'] },
  state: {
    type: 'string',
    enum: ['checking', 'planned', 'filling', 'blocked', 'applied', 'failed', 'cancelled'],
  },
  base_version: { type: 'integer', description: 'The version that it is for' },
  created_at: { type: 'string', format: 'date-time' },
  expires_at: { type: 'string', format: 'date-time', description: 'Until when it can be carried out' },
  by,
  progress: { type: 'object', description: 'While it goes on', additionalProperties: true },
  breaking: { type: 'boolean', description: 'Whether clients that fit now may not fit afterwards' },
  lossy: { type: 'boolean', description: 'Whether a record loses something; such a change needs the plan' },
  mode: {
    type: 'string',
    enum: ['instant', 'inline', 'background'],
    description: 'No record is looked at; all in one transaction; beside live traffic',
  },
  records,
}

export const planSummary = { type: 'object', properties: head }

export const plan = {
  type: 'object',
  additionalProperties: true,
  properties: {
    ...head,
    changes: { type: 'array', items: plannedChange },
    access: {
      type: 'array',
      items: {
        type: 'object',
        properties: { role: { type: 'string' }, verb: { type: 'string' }, effect: { type: 'string' } },
      },
      description: 'Roles that can do less afterwards',
    },
    uses: {
      type: 'object',
      additionalProperties: true,
      description: 'Former names of changed fields that are in force, with their last use',
    },
    violations: {
      type: 'array',
      items: { type: 'object', additionalProperties: true },
      description: 'What the change would be refused for',
    },
    cost: {
      type: 'object',
      properties: {
        records_to_write: { type: 'integer' },
        seconds: { type: 'integer' },
        wal_bytes: { type: 'integer' },
      },
    },
    estimated: { type: 'boolean', description: 'Whether only a sample was looked at' },
    fields: {
      type: 'array',
      items: { type: 'object', additionalProperties: true },
      description: 'Of a purge',
    },
    version: { type: 'integer', description: 'Of a rollback: the version to go back to' },
  },
}

export const planParameter = {
  plan: {
    type: 'string',
    maxLength: 100,
    description:
      'The plan of a preview of the same change; needed when a record would lose something. Refused when more would be lost than the plan says.',
  },
}
