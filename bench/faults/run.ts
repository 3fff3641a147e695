// Mixed traffic on several tenants while their schemas change and parts of the server are killed; afterwards everything
// that was acknowledged is looked for.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, runClient, verifyTenant } from './client.ts'
import { changeSchema, openTenant, type Tenant } from './tenant.ts'
import { createWitness, type Witness } from './witness.ts'

export interface Breakage {
  name: string
  /** Breaks something; what does not come back by itself is back when this resolves. */
  act: () => unknown
}

export interface FaultRun {
  url: string
  /** An operator's. */
  token: string
  /** What it takes, without the time in which something is away. */
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
  let over = false
  const isOver = () => over
  const breaking = breakThings(run, witness).finally(() => {
    over = true
  })
  await Promise.all([
    ...clients.map((client) => runClient(client, isOver)),
    ...tenants.map((tenant) => changeSchema(tenant, run.changeEvery, isOver)),
    breaking,
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
  const pause = (seconds * 1000) / (breakages.length + 1)
  for (const { name, act } of breakages) {
    await sleep(pause)
    const mended = witness.begin(name)
    await act()
    mended()
  }
  await sleep(pause)
}
