// What stands against a changed definition among the existing records: collected row by row, told field by field.
import type { Problem, Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'

/** Records named for each violation; the rest is a number. */
const NAMED_RECORDS = 5

interface Finding {
  violation: Violation
  count: number
  ids: string[]
}

export class ViolationReport {
  readonly #findings = new Map<string, Finding>()

  add(id: string, violations: readonly Violation[]): void {
    for (const violation of violations) this.addMany(violation, 1, [id])
  }

  addMany(violation: Violation, count: number, ids: readonly string[]): void {
    const key = `${violation.pointer} ${violation.keyword}`
    const finding = this.#findings.get(key) ?? { violation, count: 0, ids: [] }
    finding.count += count
    finding.ids.push(...ids.slice(0, NAMED_RECORDS - finding.ids.length))
    this.#findings.set(key, finding)
  }

  /** The refusal that names fields, numbers and a few ids; undefined when all records fit. */
  refusal(): Problem | undefined {
    if (this.#findings.size === 0) return undefined
    return errors.recordsViolate([...this.#findings.values()].map(describe))
  }
}

function describe({ violation, count, ids }: Finding): Violation {
  const records = count === 1 ? '1 record does not satisfy this' : `${count} records do not satisfy this`
  const named = ids.length < count ? `${ids.join(', ')}, ...` : ids.join(', ')
  return { ...violation, message: `${violation.message}: ${records} (${named})` }
}
