// What Citus needs of a statement to send it to one node: that every relation of tenants it reads or writes is limited to one
// tenant, given as a parameter. Looked up in PostgreSQL's own plan, which spreads equalities over joins as Citus does.
import type pg from 'pg'

/** A node of a plan, as `explain (format json)` gives it. */
interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  Alias?: string
  Operation?: string
  'Parent Relationship'?: string
  Output?: string[]
  Plans?: PlanNode[]
  [property: string]: unknown
}

/** tenant_id, or the id of a tenant, is the value of a parameter or of the row that a subquery runs for. */
const LIMITED = /\b(?:tenant_id|tenant\.id|t\.id) = (?:\$\d+|\w+\.tenant_id)|\$\d+ = (?:\w+\.)?tenant_id/

const CONDITIONS = [
  'Index Cond',
  'Recheck Cond',
  'Filter',
  'Hash Cond',
  'Join Filter',
  'Merge Cond',
  'TID Cond',
]

/** Every node of a plan. */
function* nodesOf(plan: PlanNode): Generator<PlanNode> {
  yield plan
  for (const child of plan.Plans ?? []) yield* nodesOf(child)
}

const conditionOf = (node: PlanNode) => CONDITIONS.map((name) => node[name] ?? '').join(' ')

/** Whether the first column of what is inserted is a parameter, however deep in the plan it comes from. */
function insertsParameter({ Plans: plans = [] }: PlanNode): boolean {
  return plans
    .filter((plan) => plan['Parent Relationship'] !== 'InitPlan')
    .some((plan) => /^\(?\$\d+|tenant_id/.test(plan.Output?.[0] ?? '') || insertsParameter(plan))
}

function isLimited(node: PlanNode): boolean {
  return node.Operation === 'Insert' ? insertsParameter(node) : LIMITED.test(conditionOf(node))
}

/** Whether a node reads rows of its relation, or adds some. */
const touches = ({ 'Node Type': type, Operation: operation }: PlanNode) =>
  type !== 'ModifyTable' ? !type.startsWith('Bitmap Index') : operation === 'Insert'

/**
 * The relations of tenants that a statement reads or writes without being limited to one tenant.
 *
 * @param client of a user whom row-level security does not bind: its conditions would be found instead
 * @param relations the tables of tenants
 */
export async function unlimitedRelations(
  client: pg.Client,
  statement: { text: string; values?: readonly unknown[] },
  relations: ReadonlySet<string>,
): Promise<string[]> {
  const { text, values = [] } = statement
  await client.query(`prepare probe as ${text}`)
  const nulls = values.length === 0 ? '' : `(${values.map(() => 'null').join(', ')})`
  try {
    const { rows } = await client.query(`explain (verbose, costs off, format json) execute probe${nulls}`)
    const { Plan: plan } = rows[0]['QUERY PLAN'][0] as { Plan: PlanNode }
    const nodes = [...nodesOf(plan)].filter(
      (node) => relations.has(node['Relation Name'] ?? '') && touches(node),
    )
    return nodes
      .filter((node) => !isLimited(node))
      .map((node) => `${node['Relation Name']} ${conditionOf(node).trim()}`)
  } finally {
    await client.query('deallocate probe')
  }
}
