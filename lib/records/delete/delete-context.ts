// The words for deleting records that others link to.

import type { TenantScope } from '../../db/scope.ts'
import type { Entity } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import type { Actor } from '../actor.ts'

export interface RecordRef {
  entity: Entity
  id: string
}

/** A link to a record that is being deleted, from a field in force. */
export interface InboundLink extends RecordRef {
  field: Field
  /** The record that it leads to. */
  to: string
}

export interface DeleteContext {
  scope: TenantScope
  /** Null: nobody who is known. */
  author: string | null
  /** Every entity of the tenant. */
  entities: readonly Entity[]
  /** What a refusal may name. */
  readable(field: Field, entity: Entity): boolean
}

export function deleteContext(
  { caller, policyOf }: Pick<Actor, 'caller' | 'policyOf'>,
  entities: readonly Entity[],
): DeleteContext {
  const readable = (field: Field, entity: Entity) => policyOf(entity).readable(field)
  return { scope: caller.tenant, author: caller.id, entities, readable }
}
