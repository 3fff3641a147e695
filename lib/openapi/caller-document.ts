// The document of one caller: the static operations of their role, and those on the entities of their tenant in place of the
// wildcards. Written as text entity by entity, so that a tenant with hundreds of them stops no other request.
import { setImmediate } from 'node:timers/promises'
import { mayAccess } from '../access/roles.ts'
import type { Entity } from '../entities/entity.ts'
import { type EntityPart, type EntitySchemas, entityPart } from './entity-document.ts'
import { mapOperations, operations, usedComponents } from './paths.ts'
import type { OpenApiDocument, Operation, Paths } from './reference.ts'
import { WILDCARD_PATHS } from './static-document.ts'

/** The members of an object as JSON, without its braces. */
function members(object: object): string {
  return JSON.stringify(object).slice(1, -1)
}

function join(texts: string[]): string {
  return texts.filter((text) => text !== '').join(',')
}

function allowedPaths({ paths }: OpenApiDocument, { role, without = [] }: DocumentFor): Paths {
  const real = Object.entries(paths).filter(([path]) => !Object.hasOwn(WILDCARD_PATHS, path))
  return mapOperations(Object.fromEntries(real), (operation) =>
    mayAccess(role, operation['x-access'] ?? 'public') && !without.includes(operation.operationId)
      ? operation
      : undefined,
  )
}

/** Adds what the part has of operations that no entity before it had; those of one kind use the same components. */
function addKinds(kinds: Paths, { paths }: EntityPart): void {
  for (const [path, item] of Object.entries(paths)) {
    const kind = path.endsWith('/') ? 'list' : 'record'
    kinds[kind] = { ...item, ...kinds[kind] }
  }
}

/** The document's own part, with what the entities' operations have in common with it. */
function frame(document: OpenApiDocument, reader: DocumentFor, kinds: Paths) {
  const paths = reader.part === 'entity' ? {} : allowedPaths(document, reader)
  const tags = new Set(operations(paths).flatMap((operation) => operation.tags))
  const { schemas, parameters, ...components } = usedComponents({ ...paths, ...kinds }, document.components)
  return { paths, tags: document.tags.filter(({ name }) => tags.has(name)), schemas, parameters, components }
}

/** The operations of entities without what makes them long: parameters, bodies and responses. */
function brief({ paths, ...part }: EntityPart): EntityPart {
  const named = mapOperations(
    paths,
    ({ operationId, tags, summary, security }) => ({ operationId, tags, summary, security }) as Operation,
  )
  const bare = Object.entries(named).map(([path, { parameters: _, ...item }]) => [path, item])
  return { ...part, paths: Object.fromEntries(bare), components: { schemas: {}, parameters: {} } }
}

export interface DocumentFor {
  role: string
  /** Operations that the role's access to routes admits and another right does not, by their ids. */
  without?: readonly string[]
  /** Everything; the same with the operations of entities in brief; or the entities alone. */
  part: 'whole' | 'brief' | 'entity'
}

/** The document's JSON for a caller. */
export async function callerDocument(
  document: OpenApiDocument,
  reader: DocumentFor,
  { entities, schemasOf }: { entities: readonly Entity[]; schemasOf: (entity: Entity) => EntitySchemas },
): Promise<string> {
  const written = {
    tags: [] as string[],
    paths: [] as string[],
    schemas: [] as string[],
    parameters: [] as string[],
  }
  const kinds: Paths = {}
  for (const entity of entities) {
    const whole = entityPart(entity, schemasOf(entity))
    const part = reader.part === 'brief' ? brief(whole) : whole
    addKinds(kinds, part)
    written.tags.push(JSON.stringify(part.tag))
    written.paths.push(members(part.paths))
    written.schemas.push(members(part.components.schemas))
    written.parameters.push(members(part.components.parameters))
    await setImmediate()
  }
  const own = frame(document, reader, kinds)
  const { paths: _, components: __, tags: ___, ...head } = document
  const tags = join([...written.tags, members(own.tags)])
  const paths = join([...written.paths, members(own.paths)])
  const schemas = join([members(own.schemas), ...written.schemas])
  const parameters = join([members(own.parameters), ...written.parameters])
  const components = join([members(own.components), `"schemas":{${schemas}},"parameters":{${parameters}}`])
  return `{${members(head)},"tags":[${tags}],"paths":{${paths}},"components":{${components}}}`
}
