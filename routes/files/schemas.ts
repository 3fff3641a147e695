// What the files routes take and give, as JSON Schema for validation, serialization and documentation.

export const file = {
  type: 'object',
  required: ['id', 'url', 'filename', 'content_type', 'size', 'sha256', 'created_at'],
  properties: {
    id: { type: 'string', format: 'uuid', description: 'What a field of type `file` holds.' },
    url: { type: 'string', description: 'Path of the bytes.' },
    filename: {
      type: 'string',
      description: 'As it was called, without directories and control characters.',
    },
    content_type: { type: 'string', description: 'What the bytes are, whatever the client said.' },
    size: { type: 'integer', description: 'Bytes.' },
    sha256: { type: 'string', description: 'Hexadecimal.' },
    created_at: { type: 'string', format: 'date-time' },
  },
  examples: [
    {
      id: '01980000-0000-7000-8000-000000000000',
      url: '/files/01980000-0000-7000-8000-000000000000/content',
      filename: 'report.pdf',
      content_type: 'application/pdf',
      size: 48213,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      created_at: '2026-11-23T09:12:04.52Z',
    },
  ],
}

export const ofFile = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string', description: 'Id of a file', examples: ['01980000-0000-7000-8000-000000000000'] },
  },
}

export const page = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    offset: {
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'How many to skip; not together with `cursor`.',
    },
    cursor: { type: 'string', format: 'uuid', description: 'Where to go on: taken from the `Link` header.' },
  },
}

const binary = { type: 'string', format: 'binary' }

export const uploadBody = {
  type: 'object',
  required: ['file'],
  properties: { file: { ...binary, description: 'The file; other parts are ignored.' } },
}

export const bytes = {
  description: 'The bytes',
  content: { '*/*': { schema: binary } },
}
