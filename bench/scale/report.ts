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
  /** The same of the server written by hand; null: it was not asked. */
  byHand: number | null
  /** To the server written by hand. */
  ratio: number | null
  /** Of this ratio to the one where there is one entity; null where nothing is like it. */
  growth: number | null
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

const row = (cells: readonly (readonly [string, number])[]) =>
  cells.map(([text, width]) => text.padStart(width)).join('')

const ms = (microseconds: number) => (microseconds / 1000).toFixed(1)

export function print({ sizes, costs, large }: Report): void {
  console.log('CPU us a request              entities  Univera  in database  by hand  ratio  to 1 entity')
  for (const { entities, spread, operation, ...cost } of [...costs, ...large.costs]) {
    const cells = [
      [String(entities), 8],
      [cost.cpu.toFixed(0), 9],
      [cost.database.toFixed(0), 13],
      [cost.byHand?.toFixed(0) ?? '', 9],
      [cost.ratio?.toFixed(2) ?? '', 7],
      [cost.growth?.toFixed(2) ?? '', 13],
    ] as const
    console.log(`${operation}, ${TITLES[spread]}`.padEnd(30) + row(cells))
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
    console.log(row(cells))
  }
}
