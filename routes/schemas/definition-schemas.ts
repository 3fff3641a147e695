// The parts of the definition routes' documentation. Definitions are parsed by a grammar of their own, which reports every
// violation; lib/openapi writes its JSON Schema in the place of `definition`.

export const definition = { type: 'object', additionalProperties: true, description: 'The definition' }

export const notModified = { type: 'null', description: 'The caller’s copy is current' }

export const jsonSchemaContent = {
  description: 'JSON Schema 2020-12',
  content: { 'application/schema+json': { schema: { type: 'object', additionalProperties: true } } },
}

const header = (name: string, description: string) => ({
  type: 'object',
  properties: { [name]: { type: 'string', description } },
})

export const ifMatch = header('If-Match', 'The `ETag` of the definition; 412 if it has changed since.')

export const ifNoneMatch = header('If-None-Match', 'The `ETag` of the caller’s copy; 304 if it is current.')

export const pathEntity = {
  type: 'object',
  required: ['entity'],
  properties: {
    entity: {
      type: 'string',
      description: 'Lower-case letters, digits and underscores',
      examples: ['student'],
    },
  },
}
