// Whether values that have to be unique come up twice in their new form, among records that are looked at one after another.
import { uniqueSlots } from '../../entities/derived-columns.ts'
import type { Entity, UniqueConstraint } from '../../entities/entity.ts'
import { Fingerprints } from './fingerprints.ts'

/** Records that are named. */
const NAMED = 5

/** Counts the records whose values another one had before them. */
export class UniqueCheck {
  readonly constraint: UniqueConstraint
  readonly #entity: Entity
  readonly #seen = new Fingerprints()
  /** Records whose values another one had before them. */
  repeated = 0
  readonly sample: string[] = []

  constructor(entity: Entity, constraint: UniqueConstraint) {
    this.constraint = constraint
    this.#entity = { ...entity, constraints: [constraint] }
  }

  add(id: string, data: Record<string, unknown>): void {
    const text = uniqueSlots(this.#entity, data)[`u${this.constraint.slot}`]
    if (text == null || this.#seen.add(text)) return
    this.repeated += 1
    if (this.sample.length < NAMED) this.sample.push(id)
  }
}
