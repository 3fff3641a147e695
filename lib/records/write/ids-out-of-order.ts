// Leaves a transaction that would create records whose ids do not order as the records do, in an entity that is ordered by
// id: the entity is marked, and what was planned on its old metadata runs again.
import type { Entity } from '../../entities/entity.ts'
import { STALE_EPOCH } from '../../errors/codes.ts'

export class IdsOutOfOrder extends Error {
  readonly code = STALE_EPOCH
  readonly entity: Entity

  constructor(entity: Entity) {
    super('ids of new records do not order as the records are created')
    this.entity = entity
  }
}
