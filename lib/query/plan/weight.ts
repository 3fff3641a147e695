// Plan: the largest possible size of an output record, in stored records: a stored record is bounded by the body that
// brought it, but aliases repeat it and embeds add others.

import type { EmbedPlan, GroupOutput } from './level-plan.ts'
import type { Operand } from './operand.ts'

/** The most records' content that one output record may hold; of a related list, that one record of it may. */
export function weightOf(outputs: readonly GroupOutput[]): number {
  const repeats = new Map<string, number>()
  let embedded = 0
  for (const output of outputs) {
    if (output.kind === 'embed' || output.kind === 'spread') embedded += weightOfEmbed(output.embed)
    else if (output.kind !== 'file') count(repeats, output.column)
  }
  return Math.max(1, ...repeats.values()) + embedded
}

/** The related lists among the outputs, at any depth. */
export function countLists(outputs: readonly GroupOutput[]): number {
  return outputs.reduce((lists, output) => {
    if (output.kind !== 'embed' && output.kind !== 'spread') return lists
    return lists + (isList(output.embed) ? 1 : 0) + countLists(output.embed.rows.outputs)
  }, 0)
}

const isList = ({ related }: EmbedPlan) => !related.relation.single

/** A list is bounded as a whole, by the size guard, but each of its records is put together before it is counted. */
function weightOfEmbed(embed: EmbedPlan): number {
  const weight = weightOf(embed.rows.outputs)
  return isList(embed) ? weight - 1 : weight
}

function count(repeats: Map<string, number>, column: Operand | undefined): void {
  if (column === undefined || column.kind === 'system') return
  const { key } = column.kind === 'json' ? column.column.field : column.field
  repeats.set(key, (repeats.get(key) ?? 0) + 1)
}
