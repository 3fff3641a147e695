// How Fastify validates: bodies strictly, each schema with an Ajv of its own that goes when the schema goes; parameters,
// which arrive as text, with their types read from it. Either way a refusal comes out as violations.
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'
import fp from 'fastify-plugin'
import { compileBody, compileParameters } from '../lib/schema/validator-compiler.ts'

const PARAMETERS = new Set(['querystring', 'params', 'headers'])

async function validation(app: FastifyInstance): Promise<void> {
  const compile = ({ schema, httpPart }: { schema: unknown; httpPart?: string }) =>
    PARAMETERS.has(httpPart ?? '') ? compileParameters(schema) : compileBody(schema)
  app.setValidatorCompiler(compile as unknown as FastifySchemaCompiler<unknown>)
}

export default fp(validation, { name: 'validation' })
