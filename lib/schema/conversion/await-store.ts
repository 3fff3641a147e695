// Waits for a change that is being prepared.
import { setTimeout as sleep } from 'node:timers/promises'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { TenantDb } from '../../db/statement.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'
import { type Awaited, requireClient } from '../../db/while-awaited.ts'
import type { Entity } from '../../entities/entity.ts'
import { selectEntityById, toEntity } from '../entity-store.ts'

const [SHORTEST_PAUSE, LONGEST_PAUSE] = [20, 250]

/** What waiting needs; the server itself has this shape. */
export interface AwaitContext {
  db: Pick<TenantDb, 'read'>
  directory: Pick<TenantDirectory, 'tenantById'>
}

export interface Waiting extends Awaited {
  /** The entity as it was when the change began. */
  entity: Entity
  /** The change's id. */
  id: string
  /** Milliseconds. */
  most: number
}

/** The entity once the change is in force; undefined: it is not, or was cancelled. */
export async function awaitChange(
  { db, directory }: AwaitContext,
  { entity, id, most, ...request }: Waiting,
): Promise<Entity | undefined> {
  const { tenantId } = entity
  let pause = SHORTEST_PAUSE
  for (const end = performance.now() + most; ; ) {
    const [row] = await onPresentEpoch(directory, tenantId, (scope) =>
      db.read(scope, selectEntityById(tenantId, entity.id)),
    )
    const now = row && toEntity(tenantId, row)
    if (now?.pending?.id !== id) return now !== undefined && now.version > entity.version ? now : undefined
    if (performance.now() >= end) return undefined
    requireClient(request)
    await sleep(Math.min(pause, Math.max(1, end - performance.now())))
    pause = Math.min(2 * pause, LONGEST_PAUSE)
  }
}
