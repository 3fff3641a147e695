// The params, queries and bodies of the file routes as JSON Schema, for validation, serialization and documentation.
import { MAX_SIGNED } from '../../lib/query/prefer.ts'

export const file = {
  type: 'object',
  required: ['id', 'url', 'filename', 'content_type', 'size', 'sha256', 'created_at'],
  properties: {
    id: { type: 'string', format: 'uuid', description: 'The value of a field of type `file`.' },
    url: { type: 'string', description: 'The path of the content.' },
    filename: {
      type: 'string',
      description: 'The name that was uploaded, without directories and control characters.',
    },
    content_type: {
      type: 'string',
      description: 'Detected from the content; what the client declared is only a hint.',
    },
    size: { type: 'integer', description: 'In bytes.' },
    sha256: { type: 'string', description: 'In hexadecimal.' },
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

export const pathFile = {
  type: 'object',
  required: ['id'],
  properties: {
    id: {
      type: 'string',
      description: 'The id of a file',
      examples: ['01980000-0000-7000-8000-000000000000'],
    },
  },
}

export const fileQuery = {
  type: 'object',
  properties: {
    select: { type: 'string', description: 'Members, `id,url,in_use`; by default all but `in_use`.' },
    order: { type: 'string', description: 'By default the oldest first; `size.desc,filename`.' },
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    offset: {
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Number of files to skip; not together with `cursor`.',
    },
    cursor: { type: 'string', description: 'Start of the page, as in the `Link` header.' },
  },
}

export const signing = {
  type: 'object',
  required: ['expires_in'],
  additionalProperties: false,
  properties: {
    expires_in: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_SIGNED,
      description: 'Seconds, at most 7 days.',
      examples: [3600],
    },
  },
}

export const signed = {
  type: 'object',
  required: ['url', 'expires_at'],
  properties: {
    url: { type: 'string', description: 'The path of the content, with a signature.' },
    expires_at: { type: 'string', format: 'date-time' },
  },
}

const binary = { type: 'string', format: 'binary' }

export const uploadBody = {
  type: 'object',
  required: ['file'],
  properties: { file: { ...binary, description: 'The file; other parts are ignored.' } },
}

export const content = {
  description: 'The whole content',
  content: { '*/*': { schema: binary } },
}
