// What a statement costs in buffers: pages of 8 KB that PostgreSQL looked at, whether in memory or on disk.
import type pg from 'pg'
import type { Statement } from '../../../lib/db/statement.ts'

/** The ways in which PostgreSQL plans a prepared statement; `auto` only counts after the first five runs. */
const MODES = ['force_custom_plan', 'force_generic_plan', 'auto'] as const

export interface Cost {
  mode: (typeof MODES)[number]
  buffers: number
  /** To read when a test fails. */
  plan: unknown
}

interface PlanNode {
  'Node Type': string
  'Index Name'?: string
  'Actual Rows': number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: PlanNode[]
}

let prepared = 0

/** The costs of a statement under every way of planning it that the server lets PostgreSQL choose from. */
export async function explain(client: pg.Client, { text, values, planEachTime }: Statement): Promise<Cost[]> {
  const name = `explained_${prepared++}`
  const run = `${name}${values.length === 0 ? '' : `(${values.map(literal).join(', ')})`}`
  await client.query(`prepare ${name} as ${text}`)
  const costs: Cost[] = []
  for (const mode of planEachTime ? (['force_custom_plan'] as const) : MODES) {
    await client.query(`set plan_cache_mode = ${mode}`)
    for (let n = 0; mode === 'auto' && n < 5; n++) await client.query(`execute ${run}`)
    costs.push({ mode, ...(await explainOnce(client, run)) })
  }
  return costs
}

async function explainOnce(client: pg.Client, run: string): Promise<Omit<Cost, 'mode'>> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `explain (analyze, buffers, timing off, format json) execute ${run}`,
  )
  const plan = rows[0]?.['QUERY PLAN'][0].Plan as PlanNode
  return { buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'], plan: outline(plan) }
}

function outline(node: PlanNode): unknown {
  const own = [node['Node Type'], node['Index Name'], `${node['Actual Rows']} rows`].filter(Boolean).join(' ')
  return node.Plans === undefined ? own : { [own]: node.Plans.map(outline) }
}

function literal(value: unknown): string {
  const text = Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join(',')}}` : String(value)
  return `'${text.replaceAll("'", "''")}'`
}
