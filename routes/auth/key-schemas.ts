// The bodies of the API key routes as JSON Schema, shared by validation, serialization and documentation.

const NAME_MAX_LENGTH = 100

const moment = { type: ['string', 'null'], format: 'date-time' }

export const newKey = {
  type: 'object',
  required: ['name', 'role'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      maxLength: NAME_MAX_LENGTH,
      pattern: '^[^\\p{C}]+$',
      'x-rule': 'must not hold control characters',
      description: 'What it is for.',
      examples: ['import'],
    },
    role: { type: 'string', description: 'What it may do: what this role may, but never `operator`.' },
    expires_at: { ...moment, description: 'Absent or null: it does not expire.' },
  },
}

export const key = {
  type: 'object',
  required: ['id', 'name', 'role', 'created_by', 'created_at', 'expires_at', 'last_used_at'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    role: { type: 'string' },
    created_by: { type: ['string', 'null'], format: 'uuid' },
    created_at: { type: 'string', format: 'date-time' },
    expires_at: moment,
    last_used_at: { ...moment, description: 'To the minute.' },
  },
}

export const madeKey = {
  ...key,
  required: [...key.required, 'key'],
  properties: {
    ...key.properties,
    key: { type: 'string', description: 'Send it as `Authorization: Bearer ...`; it is not shown again.' },
  },
}

export const one = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
