// The params and bodies of the permission routes as JSON Schema, for validation, serialization and documentation.
import { ANONYMOUS } from '../../lib/access/roles.ts'
import { pathEntity } from './definition-schemas.ts'

const rule = {
  type: ['boolean', 'string'],
  description:
    'True: all rows, false: none, or a row filter in the query grammar. In it $user.id, $user.username and $user.role stand for the values of the caller.',
  examples: ['or=(owner.eq.$user.id,public.is.true)'],
}

const names = {
  type: ['array', 'null'],
  items: { type: 'string' },
  maxItems: 500,
  description: 'Names of fields; null: all',
}

const rules = {
  read: rule,
  create: { ...rule, description: 'The condition that a new record must meet' },
  update: { ...rule, description: 'The condition that a record must meet before and after the change' },
  delete: rule,
  fields: {
    type: 'object',
    additionalProperties: false,
    properties: { read: names, write: { ...names, description: 'By default the fields of `read`' } },
  },
}

export const permissionBody = {
  type: 'object',
  additionalProperties: false,
  properties: { role: { type: 'string', description: 'May be omitted; must match the path' }, ...rules },
}

export const permission = {
  type: 'object',
  required: ['role', 'read', 'create', 'update', 'delete', 'fields'],
  properties: { role: { type: 'string' }, ...rules },
}

export const pathRole = {
  type: 'object',
  required: ['entity', 'role'],
  properties: {
    ...pathEntity.properties,
    role: { type: 'string', examples: ['user', ANONYMOUS, 'clerk'] },
  },
}
