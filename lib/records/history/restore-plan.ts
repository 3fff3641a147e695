// The order in which deleted records of several entities come back: what others refer to first. Pure.
import type { Entity } from '../../entities/entity.ts'
import { targetsOf } from '../../entities/references.ts'
import type { RecordState } from '../../log/record-state.ts'

/** Records of one entity that come back together. */
export interface Returning {
  entity: Entity
  records: ReturningRecord[]
}

export interface ReturningRecord {
  state: RecordState
  /** The version that it has then: one above that of its deletion. */
  version: number
}

/** In circles of references the first comes first. */
export function inOrder(groups: readonly Returning[]): Returning[] {
  const byName = new Map(groups.map((group) => [group.entity.name, group]))
  const ordered = new Set<Returning>()
  const begun = new Set<Returning>()
  const visit = (group: Returning): void => {
    if (begun.has(group)) return
    begun.add(group)
    for (const name of targetsOf(group.entity)) {
      const target = byName.get(name)
      if (target !== undefined) visit(target)
    }
    ordered.add(group)
  }
  for (const group of groups) visit(group)
  return [...ordered]
}
