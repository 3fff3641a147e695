// What the database has found of a record, leaf by leaf of a rule.
import type { Findings } from './explain-verbs.ts'
import type { RuleLeaf } from './rule-tree.ts'

/** What was found of each leaf. No value is neither equal nor unequal to another, whatever index has answered. */
export function findingsOf(
  leaves: readonly RuleLeaf[],
  holds: readonly (boolean | null)[],
  values: readonly unknown[],
): Findings['of'] {
  const found = new Map(leaves.map((leaf, at) => [leaf, { value: values[at], holds: holds[at] ?? null }]))
  return (leaf) => {
    const { value, holds } = found.get(leaf) as { value: unknown; holds: boolean | null }
    const isUnknown = value === null && holds === false && leaf.condition?.kind !== 'null'
    return { value, holds: isUnknown ? null : holds }
  }
}
