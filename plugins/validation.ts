// How Fastify validates: bodies strictly, those of records each with a validator of its own that goes when the schema goes;
// parameters, which arrive as text, with their types read from it. Either way a refusal comes out as violations.
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'
import fp from 'fastify-plugin'
import { createCompiler } from '../lib/validation/validator-compiler.ts'

async function validation(app: FastifyInstance): Promise<void> {
  app.setValidatorCompiler(createCompiler() as unknown as FastifySchemaCompiler<unknown>)
}

export default fp(validation, { name: 'validation' })
