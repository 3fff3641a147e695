// The bodies and responses of the entity operations, described by the grammar that reads definitions.

import { definitionComponents } from '../schema/definition/definition-schema.ts'
import { mapOperations } from './paths.ts'
import { type Operation, type Paths, type Reference, sharedComponent, sharedName } from './reference.ts'

interface Shapes {
  body?: Reference
  /** Absent: as the route describes it. */
  answer?: { status: '200' | '201'; schema: object }
}

const entity = sharedComponent('schemas', 'Entity')

const SHAPES: Readonly<Record<string, Shapes>> = {
  createEntity: {
    body: sharedComponent('schemas', 'EntityDefinition'),
    answer: { status: '201', schema: entity },
  },
  listEntities: { answer: { status: '200', schema: { type: 'array', items: entity } } },
  getEntity: { answer: { status: '200', schema: entity } },
  replaceEntity: {
    body: sharedComponent('schemas', 'EntityReplacement'),
    answer: { status: '200', schema: entity },
  },
  previewChange: { body: sharedComponent('schemas', 'EntityReplacement') },
}

/** The components that those operations refer to. */
export const DEFINITION_SCHEMAS = definitionComponents(sharedName)

/** The paths with the bodies and answers of the entity operations. */
export function withDefinitions(paths: Paths): Paths {
  return mapOperations(paths, (operation) => {
    const shapes = SHAPES[operation.operationId]
    return shapes === undefined ? operation : describe(operation, shapes)
  })
}

function describe(operation: Operation, { body, answer }: Shapes): Operation {
  const described =
    answer === undefined
      ? {}
      : { [answer.status]: { ...operation.responses[answer.status], content: json(answer.schema) } }
  return {
    ...operation,
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: { ...operation.responses, ...described },
  }
}

function json(schema: object): object {
  return { 'application/json': { schema } }
}
