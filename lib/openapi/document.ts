// The frame of the OpenAPI document: title, security schemes, groups, and the schema of errors. The static paths come from the
// routes, the others from a tenant's entities.

/** Held to package.json by a test. */
export const API_VERSION = '0.1.0'

const description = `Describe an entity over REST and use its validated API in the next request.

1. **Authorize** with a user name and password; the page then shows what that user may do, with the entities of their tenant.
2. Create an entity with \`POST /schemas/\`: its operations appear at once.

Every error is a problem document (\`application/problem+json\`) with a stable \`code\`; \`errors\` lists every violation.`

export const INFO = {
  title: 'Univera',
  version: API_VERSION,
  description,
  license: { name: 'MIT', identifier: 'MIT' },
}

export const TAGS = [
  { name: 'Auth', description: 'Sign-in, and the users, roles and API keys of a tenant.' },
  { name: 'Tenants', description: 'The tenants of this server, for operators.' },
  {
    name: 'Schemas',
    description: 'Definitions of entities and their fields: an entity can be used in the next request.',
  },
  {
    name: 'Records',
    description: 'The records of any entity. After signing in, each entity is listed by itself.',
  },
  { name: 'Files', description: 'Uploaded files, which fields of type `file` refer to.' },
  { name: 'Operation', description: 'Documentation, health and the audit log.' },
]

export const SECURITY_SCHEMES = {
  password: {
    type: 'oauth2' as const,
    description: 'User name and password. A user of a tenant other than `default` signs in as `acme/alice`.',
    flows: { password: { tokenUrl: '/auth/token', refreshUrl: '/auth/token', scopes: {} } },
  },
  bearer: {
    type: 'http' as const,
    scheme: 'bearer',
    description: 'An access token from `POST /auth/token`, or an API key.',
  },
}

/** The security of a route for signed-in callers: either of the two. */
export const SIGNED_IN: Record<string, string[]>[] = [{ password: [] }, { bearer: [] }]

/** The security of a route that may be open to callers without a token, too. */
export const SIGNED_IN_OR_VISITOR: Record<string, string[]>[] = [...SIGNED_IN, {}]

export const X_TENANT = {
  description:
    'For callers without a token: the tenant of the entity, by default `default`; 401 unless it has opened the entity to `anonymous`.',
  type: 'string' as const,
  examples: ['acme'],
}

const VIOLATION = {
  type: 'object' as const,
  required: ['pointer', 'keyword', 'message'],
  properties: {
    pointer: { type: 'string' as const, description: 'The place: an RFC 6901 pointer into the body.' },
    keyword: { type: 'string' as const, description: 'The rule that is violated.' },
    message: { type: 'string' as const },
    row: { type: 'integer' as const, description: 'The row of a body of several records.' },
  },
}

export const PROBLEM = {
  type: 'object' as const,
  title: 'Problem',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'detail', 'code', 'message', 'request_id'],
  properties: {
    type: { type: 'string' as const },
    title: { type: 'string' as const },
    status: { type: 'integer' as const },
    detail: { type: 'string' as const },
    code: { type: 'string' as const, description: 'Stable; programs decide by this one.' },
    message: { type: 'string' as const, description: 'The same as detail.' },
    request_id: { type: 'string' as const, description: "Finds the request in the server's log." },
    errors: { type: 'array' as const, items: VIOLATION },
    details: { type: 'string' as const, description: 'For PostgREST clients.' },
    hint: { type: 'string' as const },
    quota: {
      type: 'object' as const,
      description: 'The quota of the tenant that is exhausted.',
      required: ['quota', 'limit', 'used'],
      properties: {
        quota: { type: 'string' as const },
        limit: { type: 'integer' as const },
        used: { type: 'integer' as const },
      },
    },
  },
  examples: [
    {
      type: 'urn:univera:problem:invalid_body',
      title: 'The body is not valid',
      status: 400,
      detail: '/age must be integer',
      code: 'invalid_body',
      message: '/age must be integer',
      request_id: 'm3k9x2-1c',
      errors: [{ pointer: '/age', keyword: 'type', message: 'must be integer' }],
    },
  ],
}
