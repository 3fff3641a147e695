// Mixed traffic on several tenants while their schemas change and parts of the server are killed; afterwards everything
// that was acknowledged is looked for.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, runClient, verifyTenant } from './client.ts'
import { changeSchema, openTenant, type Tenant } from './tenant.ts'
import { createWitness, type Witness } from './witness.ts'

export interface Breakage {
  name: string
  act: () => void
}

export interface FaultRun {
  url: string
  /** An operator's. */
  token: string
  seconds: number
  connections: number
  tenants: number
  /** Milliseconds between two changes of a schema. */
  changeEvery: number
  /** Spread evenly over the time. */
  breakages: readonly Breakage[]
  /** Milliseconds after each in which requests may suffer. */
  patience: number
}

export interface FaultReport extends Pick<Witness, 'faults'> {
  complaints: Record<string, number>
  statuses: Record<string, number>
  records: number
  schemaChanges: number
}

const PASSWORD = 'password of a tenant admin'

export async function runWithFaults(run: FaultRun): Promise<FaultReport> {
  const witness = createWitness(run.patience)
  const tenants = await openTenants(run, witness)
  const clients = Array.from({ length: run.connections }, (_, i): Client => {
    return { tenant: tenants[i % tenants.length] as Tenant, records: [], witness }
  })
  const end = performance.now() + run.seconds * 1000
  const isOver = () => performance.now() > end
  await Promise.all([
    ...clients.map((client) => runClient(client, isOver)),
    ...tenants.map((tenant) => changeSchema(tenant, run.changeEvery, isOver)),
    breakThings(run, witness),
  ])
  for (const tenant of tenants) {
    const own = clients.filter((client) => client.tenant === tenant)
    await verifyTenant(tenant, own, witness)
  }
  return {
    faults: witness.faults,
    complaints: Object.fromEntries(witness.complaints),
    statuses: Object.fromEntries(witness.statuses),
    records: clients.reduce((sum, { records }) => sum + records.length, 0),
    schemaChanges: tenants.reduce((sum, { version }) => sum + version, 0),
  }
}

async function openTenants({ url, token, tenants }: FaultRun, witness: Witness): Promise<Tenant[]> {
  const opened: Tenant[] = []
  for (let i = 0; i < tenants; i++) {
    const name = `faults-${i}`
    const body = JSON.stringify({ name, admin: { username: 'admin', password: PASSWORD } })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const { status } = await fetch(`${url}/tenants`, { method: 'POST', headers, body })
    if (status !== 201) throw new Error(`the tenant ${name} could not be made: ${status}`)
    opened.push(await openTenant({ url, witness }, name, PASSWORD))
  }
  return opened
}

async function breakThings({ breakages, seconds }: FaultRun, witness: Witness): Promise<void> {
  for (const { name, act } of breakages) {
    await sleep((seconds * 1000) / (breakages.length + 1))
    witness.begin(name)
    act()
  }
}
