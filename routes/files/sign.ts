// Signs the address of a file's content, so that it works without a token for a while.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { findFile } from '../../lib/files/file-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { pathFile, signed, signing } from './schemas.ts'

type SignRequest = FastifyRequest<{ Params: { id: string }; Body: { expires_in: number } }>

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/files/:id/sign',
    access: 'user',
    schema: {
      tags: ['Files'],
      operationId: 'signFile',
      summary: 'Sign the address of a file, so that it works without a token',
      description:
        'For callers who may read the file. The address works until it expires, and as long as the file exists and the caller who signed may read it.',
      params: pathFile,
      body: signing,
      response: { 200: { description: 'The signed address', ...signed } },
      refusals: ['fileNotFound'],
    },
    handler: sign,
  },
]

/** Adds the route. */
export default async function fileSignature(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function sign(request: SignRequest) {
  const { body, params, server } = request
  const caller = callerOf(request)
  const { id } = await findFile(server, caller, params.id)
  const address = { base: server.publicBase(request), validity: body.expires_in }
  const { url, expiresAt } = server.fileSigner.sign(caller, id, address)
  return { url, expires_at: expiresAt }
}
