// The table of the measurements, row by row.

import type { Measured } from '../measure.ts'
import type { Row } from './compare.ts'

export interface Bytes {
  univera: number
  by_hand: number
  bound: number
}

const cell = (text: string, width: number) => text.padStart(width)

function side({ server, database, p50, p99 }: Measured): string {
  const cpu = `${server.toFixed(0)}+${database.toFixed(0)}`
  return cell(cpu, 12) + cell(p50.toFixed(1), 8) + cell(p99.toFixed(1), 8)
}

export function printTitles(): void {
  const columns = cell('CPU us', 12) + cell('p50 ms', 8) + cell('p99 ms', 8)
  console.log(`${' '.repeat(23)}${cell('Univera', 28)}${cell('by hand', 28)}`)
  console.log(`${'operation'.padEnd(23)}${columns}${columns}   ratio   bound  buffers`)
}

/** A bound that is exceeded has a mark. */
export function printRow({ operation, univera, by_hand, ratio, bound, buffers }: Row): void {
  const mark = bound !== null && ratio > bound ? '>' : ' '
  const ratios = `${cell(ratio.toFixed(2), 8)} ${mark}${cell(bound?.toFixed(1) ?? '', 6)}`
  console.log(operation.padEnd(23) + side(univera) + side(by_hand) + ratios + cell(buffers.toFixed(0), 9))
}

export function printBytes({ univera, by_hand, bound }: Bytes): void {
  const ratio = univera / by_hand
  const text = `${univera.toFixed(0)}, by hand ${by_hand.toFixed(0)}: ${ratio.toFixed(2)}, bound ${bound}`
  console.log(`bytes of a student with indexes: ${text}`)
}
