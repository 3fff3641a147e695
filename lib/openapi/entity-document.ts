// An entity's part of the document: its paths, its schemas (those that validate, in portable form), and a filter parameter
// for each of its fields.

import { type Entity, shownSystemFields } from '../entities/entity.ts'
import type { Field, JsonSchema } from '../fields/field.ts'
import { typeOf } from '../fields/index.ts'
import { openApiSchema } from '../schema/json-schema/portable-schema.ts'
import { SIGNED_IN } from './document.ts'
import { exampleObject, exampleOf } from './example.ts'
import { filterParameter } from './filter-parameter.ts'
import { recordPaths } from './record-paths.ts'
import { type Components, component, METHODS, type OpenApiDocument, type Paths } from './reference.ts'
import { withRefusals } from './refusals.ts'

/** What validates and describes an entity's records. */
export interface EntitySchemas {
  record: JsonSchema
  create: JsonSchema
  patch: JsonSchema
  /** What the reader may do; absent: everything. */
  methods?: ReadonlySet<string>
  /** Whether the reader is an admin; absent: yes. */
  administers?: boolean
}

export interface EntityPart {
  tag: OpenApiDocument['tags'][number]
  paths: Paths
  components: Pick<Components, 'schemas' | 'parameters'>
}

const SYSTEM_OPERATORS = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'is', 'isdistinct']

const SYSTEM_EXAMPLES = { uuid: 'in.(0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a)', time: 'gte.2024-02-29' }

function filterExample(operators: readonly string[], value: unknown): string {
  if (operators.includes('gte') && typeof value === 'number') return `gte.${value}`
  const isPlain = typeof value === 'string' || typeof value === 'boolean'
  return operators.includes('eq') && isPlain ? `eq.${value}` : 'not.is.null'
}

function fieldFilter(field: Field, schema: JsonSchema | undefined) {
  const operators = typeOf(field.type).operators(field)
  return filterParameter(field.name, operators, filterExample(operators, schema && exampleOf(schema)))
}

function systemFilter(name: string) {
  return filterParameter(
    name,
    SYSTEM_OPERATORS,
    name.endsWith('_at') ? SYSTEM_EXAMPLES.time : SYSTEM_EXAMPLES.uuid,
  )
}

/** The filter parameters, by component name. */
function filters(entity: Entity, { record }: EntitySchemas): Record<string, object> {
  const properties = (record.properties ?? {}) as Record<string, JsonSchema>
  const ofField = (field: Field) => fieldFilter(field, properties[field.name])
  const { name, fields } = entity
  const all = [...fields.map(ofField), ...shownSystemFields(entity).map(systemFilter)]
  return Object.fromEntries(all.map((parameter) => [`${name}.${parameter.name}`, parameter]))
}

/** The schema with an example of the whole, where all that is required has one. */
function withExample(schema: JsonSchema): object {
  const example = exampleObject(schema)
  const { required = [] } = schema as { required?: string[] }
  const shown = openApiSchema(schema)
  return required.every((name) => Object.hasOwn(example, name)) ? { ...shown, examples: [example] } : shown
}

/** The method that stands for what a path needs, where it is not its own. */
const NEEDED: Readonly<Record<string, string>> = { '/query': 'get', '/trash': 'delete' }

/** The part of the document that an entity adds. */
export function entityPart(entity: Entity, schemas: EntitySchemas): EntityPart {
  const { name, label, description } = entity
  const parameters = filters(entity, schemas)
  const paths = recordPaths({
    segment: name,
    tag: name,
    record: component('schemas', name),
    create: component('schemas', `${name}.create`),
    patch: component('schemas', `${name}.patch`),
    filters: Object.keys(parameters).map((key) => component('parameters', key)),
    parameters: [],
    security: SIGNED_IN,
    logs: { history: entity.history !== undefined, feed: entity.feed !== undefined },
  })
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      if (item[method] === undefined) continue
      const isOpen = item[method]['x-access'] !== 'admin' || schemas.administers !== false
      const needed = NEEDED[path.slice(name.length + 1)] ?? method
      if (!isOpen || schemas.methods?.has(needed) === false) delete item[method]
      else item[method] = withRefusals(item[method])
    }
    if (!METHODS.some((method) => item[method])) delete paths[path]
  }
  return {
    tag: { name, description: [label, description].filter(Boolean).join(': ') || `Records of ${name}` },
    paths,
    components: {
      schemas: {
        [name]: withExample(schemas.record),
        [`${name}.create`]: withExample({ ...schemas.create, title: `${name}.create` }),
        [`${name}.patch`]: withExample({ ...schemas.patch, title: `${name}.patch` }),
      },
      parameters,
    },
  }
}
