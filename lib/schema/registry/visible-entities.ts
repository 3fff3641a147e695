// The entities as a caller may see them: decided on cached metadata, which the database then confirms to be in force.
import { decide, type Policy } from '../../access/policy.ts'
import { isClosed } from '../../access/reach.ts'
import type { User } from '../../access/rule.ts'
import type { TenantSnapshot } from '../../db/tenant.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { SchemaRegistry } from './registry.ts'

type Registry = Pick<SchemaRegistry, 'entity' | 'entities' | 'permissions' | 'confirm'>

type Viewer = User & { tenant: TenantSnapshot }

/** An entity with the fields that the caller may read. */
export interface VisibleEntity {
  entity: Entity
  /** Distinguishes what callers with different permissions see; empty for those who see everything. */
  view: string
  /** What the caller may do with its records. */
  policy: Policy
}

/** The entities that the caller may read records of or create records of, by name. */
export async function visibleEntities(registry: Registry, viewer: Viewer): Promise<Entity[]> {
  const { tenant, role } = viewer
  const entities = await registry.entities(tenant)
  const permissions = await registry.permissions(tenant, role)
  await registry.confirm(tenant)
  const policies = entities.map((entity) => decide(viewer, entity, permissions))
  return policies.filter((policy) => !isClosed(policy)).map(({ visible }) => visible)
}

/** One of them; errors.entityNotFound. */
export async function visibleEntity(
  registry: Registry,
  viewer: Viewer,
  name: string,
): Promise<VisibleEntity> {
  const { tenant, role } = viewer
  const whole = await registry.entity(tenant, name)
  const permissions = await registry.permissions(tenant, role)
  const policy = decide(viewer, whole, permissions)
  await registry.confirm(tenant)
  if (isClosed(policy)) throw errors.entityNotFound(name)
  const { visible: entity, view } = policy
  return { entity, view: entity === whole ? '' : view, policy }
}
