// Signed addresses of files: signs them, and admits who has signed the address of a request in place of its sender.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller } from '../lib/auth/caller.ts'
import { admitSigner } from '../lib/auth/signer-store.ts'
import { FileSigner, SIGNATURE_PARAMETER } from '../lib/files/file-signer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    fileSigner: FileSigner
    /**
     * The signer of the request's address; null when it has no signature. errors.signatureInvalid, errors.signatureExpired,
     * errors.signatureRevoked.
     */
    admitSigner: (request: FastifyRequest) => Promise<Caller | null>
  }
  interface FastifyContextConfig {
    /** Whether the route takes signed addresses of the file `id`. */
    signed?: boolean
  }
}

async function fileSignatures(app: FastifyInstance): Promise<void> {
  const { SECRET_KEY, SECRET_KEY_PREVIOUS } = app.settings
  const previous = SECRET_KEY_PREVIOUS === undefined ? [] : [SECRET_KEY_PREVIOUS]
  const signer = new FileSigner([SECRET_KEY, ...previous], app.clock)
  app.decorate('fileSigner', signer)
  app.decorate('admitSigner', async ({ params, query }: FastifyRequest) => {
    const { [SIGNATURE_PARAMETER]: signature } = query as Record<string, unknown>
    if (signature === undefined) return null
    const { id } = params as { id: string }
    return admitSigner(app, signer.open(id.toLowerCase(), signature))
  })
}

export default fp(fileSignatures, { name: 'file-signatures', dependencies: ['config', 'clock', 'registry'] })
