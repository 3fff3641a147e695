// The table of the measurements.

import type { Measured, Row } from './compare.ts'

const cell = (text: string, width: number) => text.padStart(width)

function side({ server, database, p50, p99 }: Measured): string {
  const cpu = `${server.toFixed(0)}+${database.toFixed(0)}`
  return cell(cpu, 12) + cell(p50.toFixed(1), 8) + cell(p99.toFixed(1), 8)
}

export function print(rows: readonly Row[]): void {
  const columns = cell('CPU us', 12) + cell('p50 ms', 8) + cell('p99 ms', 8)
  console.log(`${' '.repeat(22)}${cell('Univera', 28)}${cell('by hand', 28)}`)
  console.log(`${'operation'.padEnd(22)}${columns}${columns}   ratio   bound  buffers`)
  for (const { operation, univera, by_hand, ratio, bound, buffers } of rows) {
    const mark = bound !== null && ratio > bound ? '>' : ' '
    const ratios = `${cell(ratio.toFixed(2), 8)} ${mark}${cell(bound?.toFixed(1) ?? '', 6)}`
    console.log(operation.padEnd(22) + side(univera) + side(by_hand) + ratios + cell(buffers.toFixed(0), 9))
  }
}
