// Both servers on one PostgreSQL, with the same records.

import { join } from 'node:path'
import pg from 'pg'
import { type Contestant, connect, launchByHand, launchUnivera } from '../servers.ts'
import type { Sides } from './compare.ts'
import { Pool } from './pool.ts'
import { positionsOf } from './positions.ts'
import type { Bytes } from './report.ts'
import { sizeOf } from './size.ts'
import { fillTables } from './tables.ts'
import { fillUnivera } from './univera.ts'

export interface Started {
  sides: Sides
  pool: Pool
  /** What a student takes on the disk. */
  bytes: Bytes
}

export interface StartOptions {
  serverUrl: string
  dataDir: string
  /** Of Univera; the next one is the other's. */
  port: number
  records: number
  /** Whether Univera may index fields that nobody asked to be indexed. */
  automaticSlots: boolean
}

/** The most bytes that a record of Univera may take, as a multiple of a row by hand. */
const BYTES_BOUND = 2.8

const NO_AUTOMATIC_SLOTS = new URL('./no-automatic-slots.js', import.meta.url).href

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  await admin.end()
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** @param running gets each server that has to be stopped, also if the start fails */
export async function startSides(options: StartOptions, running: Contestant[]): Promise<Started> {
  const { serverUrl, dataDir, port, records, automaticSlots } = options
  const own = await createDatabase(serverUrl, 'lists_univera')
  const execArgv = automaticSlots ? [] : ['--import', NO_AUTOMATIC_SLOTS]
  const univera = await launchUnivera(own, { port, dataDir: join(dataDir, 'univera'), execArgv })
  running.push(univera)
  const { bytes, ...known } = await fillUnivera(univera, records)
  const tables = await createDatabase(serverUrl, 'lists_by_hand')
  const database = await connect(tables)
  await fillTables(univera.database, database)
  const bytesByHand = (await sizeOf(database, ['students'])) / records
  await database.end()
  const byHand = await launchByHand('./lists/by-hand.js', tables, port + 1)
  running.push(byHand)
  const pool = new Pool({ ...known, positions: await positionsOf(univera) })
  return {
    sides: { univera, byHand },
    pool,
    bytes: { univera: bytes, by_hand: bytesByHand, bound: BYTES_BOUND },
  }
}
