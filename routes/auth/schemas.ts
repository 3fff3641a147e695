// The bodies of the auth routes as JSON Schema, for validation, serialization and documentation.

import { BUILT_IN_ROLES, ROLE_PATTERN } from '../../lib/access/roles.ts'
import { USERNAME_MAX_LENGTH, USERNAME_PATTERN } from '../../lib/auth/login-name.ts'
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from '../../lib/auth/password.ts'

export const password = {
  type: 'string',
  format: 'password',
  minLength: PASSWORD_MIN_LENGTH,
  maxLength: PASSWORD_MAX_LENGTH,
}

export const username = {
  type: 'string',
  minLength: 1,
  maxLength: USERNAME_MAX_LENGTH,
  pattern: USERNAME_PATTERN,
  'x-rule': 'must be printable characters except `/`, without a space at either end',
  description: 'Printable characters except `/`, no space at either end.',
  examples: ['alice'],
}

export const role = {
  type: 'string',
  pattern: ROLE_PATTERN,
  'x-rule': 'must be a lower-case letter, then at most 62 of a-z, 0-9, `_` and `-`',
  examples: BUILT_IN_ROLES,
  description:
    '`user`; `admin`, who may do everything in their tenant; `operator`, who also runs the platform and is appointed by operators only; or a role that the tenant has named.',
}

export const tokens = {
  type: 'object',
  required: ['access_token', 'token_type', 'expires_in', 'refresh_token'],
  properties: {
    access_token: { type: 'string', description: 'To be sent as `Authorization: Bearer ...`.' },
    token_type: { type: 'string', const: 'bearer' },
    expires_in: { type: 'integer', description: 'Seconds until the access token expires.' },
    refresh_token: { type: 'string', description: 'Can be used once, with `grant_type=refresh_token`.' },
  },
}

export const user = {
  type: 'object',
  required: ['id', 'username', 'role', 'active', 'created_at'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    username: { type: 'string' },
    role: { type: 'string' },
    active: { type: 'boolean' },
    created_at: { type: 'string', format: 'date-time' },
  },
}
