// The bodies of the tenant routes as JSON Schema, shared by validation, serialization and documentation.
import { TENANT_NAME_PATTERN } from '../lib/tenants/tenant.ts'
import { password, username } from './auth/schemas.ts'

const name = {
  type: 'string',
  pattern: TENANT_NAME_PATTERN,
  description: 'Lower-case letters, digits and `-`; 2 to 63 characters.',
  examples: ['acme'],
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
  },
}

export const changes = {
  type: 'object',
  additionalProperties: false,
  properties: { active: { type: 'boolean', description: 'False: every token of it is refused.' } },
}

export const page = {
  type: 'object',
  properties: {
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    offset: { type: 'integer', minimum: 0, description: 'How many to skip.' },
  },
}

export const one = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }

export const tenant = {
  type: 'object',
  required: ['id', 'name', 'active', 'created_at'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    active: { type: 'boolean' },
    created_at: { type: 'string', format: 'date-time' },
  },
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
