// References between the parts of an OpenAPI document, and the shapes that this folder passes around.
import type { Access } from '../access/roles.ts'
import type { ErrorName } from '../errors.ts'

export interface Reference {
  $ref: string
}

type Section = 'schemas' | 'parameters' | 'headers' | 'responses'

/** Points to a component of an entity. */
export function component(section: Section, name: string): Reference {
  return { $ref: `#/components/${section}/${name}` }
}

/** The component name of what entities share: with a hyphen, so that no entity and no field can have it in any case. */
export const sharedName = (name: string) => `Univera-${name}`

/** Points to a component that entities share. */
export const sharedComponent = (section: Section, name: string) => component(section, sharedName(name))

/** The components under their shared names. */
export function withSharedNames<T>(components: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(components).map(([name, one]) => [sharedName(name), one]))
}

export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  parameters?: object[]
  requestBody?: object
  responses: Record<string, object>
  security?: object[]
  /** The access that it requires; stays in the document, so that a caller's own part can be selected. */
  'x-access'?: Access
  /** Refusals beyond what follows from access and input; becomes responses. */
  'x-refusals'?: ErrorName[]
}

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** Operations by method, and the parameters that they share. */
export type PathItem = { [method in (typeof METHODS)[number]]?: Operation } & { parameters?: object[] }

export type Paths = Record<string, PathItem>

/** The sections of `components` that entities add to. */
export interface Components {
  schemas: Record<string, object>
  parameters: Record<string, object>
  headers: Record<string, object>
  responses: Record<string, object>
  securitySchemes?: object
}

export interface OpenApiDocument {
  openapi: string
  info: object
  servers: object[]
  tags: { name: string; description?: string }[]
  paths: Paths
  components: Components
}
