// The free space of the disks that this server writes to.
import { existsSync, mkdirSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { reasonOf, StartError } from '../lib/errors/start-error.ts'
import { FreeSpace } from '../lib/files/free-space.ts'

declare module 'fastify' {
  interface FastifyInstance {
    freeSpace: FreeSpace
  }
}

async function disk(app: FastifyInstance): Promise<void> {
  const { DATABASE_URL, DATA_DIR, FILE_STORAGE_PATH, MIN_FREE_DISK: floor } = app.settings
  try {
    mkdirSync(FILE_STORAGE_PATH, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartError(`FILE_STORAGE_PATH ${FILE_STORAGE_PATH} cannot be written to: ${reasonOf(error)}`)
  }
  const embedded = DATABASE_URL === undefined && existsSync(DATA_DIR) ? [DATA_DIR] : []
  app.decorate('freeSpace', new FreeSpace({ paths: [FILE_STORAGE_PATH, ...embedded], floor }))
}

export default fp(disk, { name: 'disk', dependencies: ['config'] })
