// The bodies of the tenant routes as JSON Schema, shared by validation, serialization and documentation.
import { TENANT_NAME_PATTERN } from '../../lib/db/tenant.ts'
import { password, username } from '../auth/schemas.ts'

/** Every count up to it is exact in JSON. */
const MOST = Number.MAX_SAFE_INTEGER

const name = {
  type: 'string',
  pattern: TENANT_NAME_PATTERN,
  'x-rule': 'must be a lower-case letter, then 1 to 62 of a-z, 0-9 and `-`',
  description: 'Lower-case letters, digits and `-`; 2 to 63 characters.',
  examples: ['acme'],
}

const limit = (description: string) => ({ type: ['integer', 'null'], minimum: 0, maximum: MOST, description })

const QUOTAS = {
  entities: limit('How many entities.'),
  fields: limit('How many fields, those of all entities together.'),
  records: limit('How many records, those of all entities together.'),
  file_bytes: limit('How many bytes of files.'),
  requests_per_minute: limit('How many requests with its tokens and keys, over all instances.'),
}

const quotaChanges = {
  type: 'object',
  additionalProperties: false,
  description: 'Limits to set; null is none. What the tenant has beyond a new limit stays.',
  properties: QUOTAS,
}

export const quotas = {
  type: 'object',
  description: 'What the tenant may have at most; null: no limit.',
  required: Object.keys(QUOTAS),
  properties: QUOTAS,
}

export const usage = {
  type: 'object',
  description: 'What it has of each; null: not counted without a quota.',
  required: Object.keys(QUOTAS),
  properties: Object.fromEntries(Object.keys(QUOTAS).map((name) => [name, { type: ['integer', 'null'] }])),
}

export const newTenant = {
  type: 'object',
  required: ['name', 'admin'],
  additionalProperties: false,
  properties: {
    name,
    admin: {
      type: 'object',
      required: ['username', 'password'],
      additionalProperties: false,
      properties: { username, password },
    },
    quotas: quotaChanges,
  },
}

export const changes = {
  type: 'object',
  additionalProperties: false,
  properties: {
    active: { type: 'boolean', description: 'False: every token of it is refused.' },
    quotas: quotaChanges,
  },
}

export const one = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }

export const tenant = {
  type: 'object',
  required: ['id', 'name', 'active', 'created_at', 'quotas'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    active: { type: 'boolean' },
    created_at: { type: 'string', format: 'date-time' },
    quotas,
  },
}

export const tenantWithUsage = {
  ...tenant,
  required: [...tenant.required, 'usage'],
  properties: { ...tenant.properties, usage },
}

export const made = {
  description: 'The tenant and its admin',
  ...tenant,
  required: [...tenant.required, 'admin'],
  properties: {
    ...tenant.properties,
    admin: {
      type: 'object',
      required: ['id', 'username', 'role'],
      properties: {
        id: { type: 'string', format: 'uuid' },
        username: { type: 'string' },
        role: { type: 'string' },
      },
    },
  },
}

export const body = (description: string) => ({ 200: { description, ...tenant } })
