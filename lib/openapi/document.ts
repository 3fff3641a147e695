// The frame of the OpenAPI document: who we are, how to sign in, what the groups mean, and the one shape of errors.
// Routes fill in the static paths, a tenant's entities the others.

/** Held to package.json by a test. */
export const API_VERSION = '0.1.0'

const description = `Describe an entity over REST and use its validated API in the next request.

1. **Authorize** with user name and password; the page then shows what you may do, with your own entities.
2. Create an entity with \`POST /schemas/\`: its paths appear here at once.

Every refusal is a \`Problem\` (\`application/problem+json\`) with a stable \`code\`; its \`errors\` name every violation.`

export const INFO = {
  title: 'Univera',
  version: API_VERSION,
  description,
  license: { name: 'MIT', identifier: 'MIT' },
}

export const TAGS = [
  { name: 'Auth', description: 'Sign in, and the users of your tenant.' },
  { name: 'Tenants', description: 'For operators: the tenants of this server.' },
  {
    name: 'Schemas',
    description: 'Entities and their fields: what you define here is an API in the next request.',
  },
  {
    name: 'Records',
    description: 'The records of any entity. Signed in, you see each of your own entities instead.',
  },
  { name: 'Files', description: 'Uploads, for fields of type `file`.' },
  { name: 'Operation', description: 'Whether the server is alive and ready.' },
]

export const SECURITY_SCHEMES = {
  password: {
    type: 'oauth2' as const,
    description: 'User name and password. A user of another tenant than `default` signs in as `acme/alice`.',
    flows: { password: { tokenUrl: '/auth/token', refreshUrl: '/auth/token', scopes: {} } },
  },
  bearer: {
    type: 'http' as const,
    scheme: 'bearer',
    description: 'An access token from `POST /auth/token`, or an API key.',
  },
}

/** What a route for signed-in callers asks for: either of the two. */
export const SIGNED_IN: Record<string, string[]>[] = [{ password: [] }, { bearer: [] }]

/** What a route asks for that may be open to callers without a token, too. */
export const SIGNED_IN_OR_VISITOR: Record<string, string[]>[] = [...SIGNED_IN, {}]

export const X_TENANT = {
  description:
    'Without a token: the tenant whose entity it is, `default` if absent; 401 unless that has opened it to `anonymous`.',
  type: 'string' as const,
  examples: ['acme'],
}

const VIOLATION = {
  type: 'object' as const,
  required: ['pointer', 'keyword', 'message'],
  properties: {
    pointer: { type: 'string' as const, description: 'Where: an RFC 6901 pointer into the body.' },
    keyword: { type: 'string' as const, description: 'Which rule.' },
    message: { type: 'string' as const },
    row: { type: 'integer' as const, description: 'Which record of an array body, from 0.' },
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
    code: { type: 'string' as const, description: 'Stable: decide on this one.' },
    message: { type: 'string' as const, description: 'The same as detail.' },
    request_id: { type: 'string' as const, description: "Finds the request in the server's log." },
    errors: { type: 'array' as const, items: VIOLATION },
    details: { type: 'string' as const, description: "What PostgREST's clients read beside the message" },
    hint: { type: 'string' as const },
    quota: {
      type: 'object' as const,
      description: 'Which quota of the tenant is used up.',
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
