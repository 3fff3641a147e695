// How each of Univera's tables is placed on Citus: a table of tenants is distributed by the tenant, all of them together; one
// that only operators write is on every node; one of the platform stays where the migrations run.

/** By which column a table is distributed, or where it is. */
export type Placement = { column: string } | 'reference' | 'local'

/** The tables of which the columns do not say it. */
const NAMED: Readonly<Record<string, Placement>> = {
  tenant: { column: 'id' },
  directory: 'reference',
  migration: 'local',
  tick: 'local',
  change_sweep: 'local',
}

/** The placement of a table by its name and columns; undefined: nobody has said. */
export function placementOf(name: string, columns: readonly string[]): Placement | undefined {
  if (Object.hasOwn(NAMED, name)) return NAMED[name]
  return columns.includes('tenant_id') ? { column: 'tenant_id' } : undefined
}
