// The measurements as a table and as JSON.
import type { Creation } from './creation.ts'
import type { Operation, Spread } from './load.ts'

/** CPU microseconds a request at one size, by what was asked and where. */
export interface Cost {
  entities: number
  spread: Spread
  operation: Operation
  cpu: number
  /** The part of it that is the database's. */
  database: number
  /** To the same operation where there is one entity; null where nothing is like it. */
  ratio: number | null
}

export interface SizeReport {
  entities: number
  startup: { milliseconds: number; cpu: number }
  creation: Creation
  /** MB of the server process: with every entity touched, and the most there ever was. */
  memory: { touched: number; peak: number }
}

export interface Report {
  sizes: SizeReport[]
  large: { records: number; costs: Cost[] }
  costs: Cost[]
}

const TITLES = { one: 'one entity', random: 'all entities', large: 'the large entity' }
const ms = (microseconds: number) => (microseconds / 1000).toFixed(1)

export function print({ sizes, costs, large }: Report): void {
  console.log('CPU us a request                          entities      us  in the database   ratio')
  for (const { entities, spread, operation, cpu, database, ratio } of [...costs, ...large.costs]) {
    const what = `${operation}, ${TITLES[spread]}`.padEnd(40)
    console.log(
      `${what}${String(entities).padStart(10)}${cpu.toFixed(0).padStart(8)}${database.toFixed(0).padStart(17)}${(ratio?.toFixed(2) ?? '').padStart(8)}`,
    )
  }
  console.log(`\nthe large entity has ${large.records} records\n`)
  console.log('entities    start ms    CPU ms    entity + record ms    CPU ms    MB touched    MB peak')
  for (const { entities, startup, creation, memory } of sizes) {
    const cells = [
      [String(entities), 8],
      [startup.milliseconds.toFixed(0), 12],
      [ms(startup.cpu), 10],
      [creation.milliseconds.toFixed(1), 22],
      [ms(creation.cpu), 10],
      [memory.touched.toFixed(0), 14],
      [memory.peak.toFixed(0), 11],
    ] as const
    console.log(cells.map(([text, width]) => text.padStart(width)).join(''))
  }
}
