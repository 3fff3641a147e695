// The parts of the documentation of versions: what is answered, and what their paths take.
import { pathEntity } from './definition-schemas.ts'

export const version = {
  type: 'object',
  required: ['version', 'created_at', 'by', 'summary', 'plan'],
  properties: {
    version: { type: 'integer', minimum: 1 },
    created_at: { type: 'string', format: 'date-time' },
    by: {
      type: ['object', 'null'],
      description: 'Null: the server, or a version from before versions were kept',
      properties: { id: { type: ['string', 'null'] }, username: { type: 'string' } },
    },
    summary: { type: 'array', items: { type: 'string' }, description: 'What changed, in words' },
    plan: { type: ['string', 'null'], description: 'The plan that was carried out' },
  },
}

export const change = {
  type: 'object',
  required: ['change', 'breaking'],
  properties: {
    field: { type: 'string', description: 'Absent: the entity itself' },
    change: {
      type: 'string',
      enum: [
        'added',
        'dropped',
        'renamed',
        'type',
        'tightened',
        'loosened',
        'reformatted',
        'described',
        'label',
        'description',
        'unique',
      ],
    },
    from: { description: 'Before' },
    to: { description: 'After' },
    breaking: { type: 'boolean', description: 'Whether clients that fitted before may not fit now' },
  },
}

export const difference = {
  type: 'object',
  required: ['from', 'to', 'changes'],
  properties: {
    from: { type: 'integer' },
    to: { type: 'integer' },
    changes: { type: 'array', items: change },
  },
}

export const dropped = {
  type: 'object',
  required: ['key', 'name', 'type', 'dropped_at', 'version', 'data'],
  properties: {
    key: { type: 'string', description: 'Identifies the field in the versions' },
    name: { type: 'string' },
    type: { type: 'string' },
    dropped_at: { type: ['string', 'null'], format: 'date-time' },
    version: { type: 'integer', description: 'The last version that has it' },
    data: {
      type: 'string',
      enum: ['kept', 'purged'],
      description: 'Whether its values are kept, or purged, or being purged',
    },
    records: {
      type: ['integer', 'null'],
      description: 'How many have a value; null: too many to be counted in time',
    },
    bytes: { type: ['integer', 'null'], description: 'Of the values as JSON text' },
  },
}

export const purge = {
  type: 'object',
  required: ['state', 'fields'],
  properties: {
    state: { type: 'string', enum: ['preview', 'running', 'done'] },
    fields: { type: 'array', items: dropped, description: 'The fields that it is about' },
    plan: { type: 'string', description: 'With `preview`: the plan that carries it out' },
  },
}

export const pathVersion = {
  type: 'object',
  required: ['entity', 'version'],
  properties: {
    ...pathEntity.properties,
    version: { type: 'string', description: 'Its number', examples: ['1'] },
  },
}
