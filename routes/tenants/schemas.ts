// The params and bodies of the tenant routes as JSON Schema, for validation, serialization and documentation.
import { TENANT_NAME_PATTERN } from '../../lib/db/tenant.ts'
import { password, username } from '../auth/schemas.ts'

/** The largest count that is exact in JSON. */
const MOST = Number.MAX_SAFE_INTEGER

const name = {
  type: 'string',
  pattern: TENANT_NAME_PATTERN,
  'x-rule': 'must be a lower-case letter, then 1 to 62 of a-z, 0-9 and `-`',
  description: 'A lower-case letter, then 1 to 62 of a-z, 0-9 and `-`.',
  examples: ['acme'],
}

const limit = (description: string) => ({ type: ['integer', 'null'], minimum: 0, maximum: MOST, description })

const QUOTAS = {
  entities: limit('Number of entities.'),
  fields: limit('Number of fields of all entities.'),
  records: limit('Number of records of all entities.'),
  file_bytes: limit('Total size of files in bytes.'),
  requests_per_minute: limit(
    'Number of requests per minute with tokens and keys of the tenant, over all instances.',
  ),
}

const quotaChanges = {
  type: 'object',
  additionalProperties: false,
  description: 'Limits to set; null removes a limit. A tenant beyond a new limit keeps what it has.',
  properties: QUOTAS,
}

export const quotas = {
  type: 'object',
  description: 'The limits of the tenant; null: no limit.',
  required: Object.keys(QUOTAS),
  properties: QUOTAS,
}

export const usage = {
  type: 'object',
  description: 'What is used of each quota; null: not counted without a quota.',
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

export const tenantChanges = {
  type: 'object',
  additionalProperties: false,
  properties: {
    active: { type: 'boolean', description: 'False: every token and key of the tenant is refused.' },
    quotas: quotaChanges,
  },
}

export const pathName = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }

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

const fullUsage = {
  ...usage,
  description:
    'What the tenant uses, also where it has no quota; null: requests, which are not counted without a quota, and what is too much to be counted in time.',
  required: [...usage.required, 'files'],
  properties: {
    ...usage.properties,
    files: { type: ['integer', 'null'], description: 'Number of files.' },
  },
}

export const tenantWithUsage = {
  ...tenant,
  required: [...tenant.required, 'usage'],
  properties: { ...tenant.properties, usage: fullUsage },
}

export const madeTenant = {
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
