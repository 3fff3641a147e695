// The table of `npm run bench`.

import type { Measured } from './measure.ts'

export interface Row {
  operation: string
  univera: Measured
  by_hand: Measured
  cpu_ratio: number
}

const row = (cells: readonly string[]) => cells.map((text) => text.padStart(7)).join('')

const cellsOf = ({ rate, p50, p99, server, database }: Measured) => [
  rate.toFixed(0),
  p50.toFixed(1),
  p99.toFixed(1),
  server.toFixed(0),
  database.toFixed(0),
]

export function print(rows: readonly Row[]): void {
  const columns = row(['req/s', 'p50', 'p99', 'us', 'us db'])
  console.log(`${' '.repeat(17)}${'Univera'.padStart(20)}${' '.repeat(17)}${'by hand'.padStart(20)}`)
  console.log(`${'operation'.padEnd(17)}${columns}  ${columns}   CPU ratio`)
  for (const { operation, univera, by_hand, cpu_ratio } of rows) {
    const sides = `${row(cellsOf(univera))}  ${row(cellsOf(by_hand))}`
    console.log(`${operation.padEnd(17)}${sides}   ${cpu_ratio.toFixed(2)}`)
  }
}
