// The bodies of the API key routes as JSON Schema, for validation, serialization and documentation.

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
      'x-rule': 'must not contain control characters',
      description: 'The purpose of the key.',
      examples: ['import'],
    },
    role: { type: 'string', description: 'The role whose permissions the key has; never `operator`.' },
    expires_at: { ...moment, description: 'Absent or null: the key does not expire.' },
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
    last_used_at: { ...moment, description: 'Accurate to the minute.' },
  },
}

export const madeKey = {
  ...key,
  required: [...key.required, 'key'],
  properties: {
    ...key.properties,
    key: { type: 'string', description: 'To be sent as `Authorization: Bearer ...`; not shown again.' },
  },
}
