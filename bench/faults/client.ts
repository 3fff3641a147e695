// One client of a tenant: it creates, reads, changes and deletes records of its own, remembers what was acknowledged, and
// complains of every answer that contradicts that.
import { setTimeout as sleep } from 'node:timers/promises'
import { fieldOf, RECOVERY_TRIES, type Tenant } from './tenant.ts'
import type { Outcome, Witness } from './witness.ts'

/** A record as far as its only writer knows it. */
export interface Known {
  id: string
  /** The value that was acknowledged last, and one of which nobody knows whether it was stored. */
  seq: number
  unsure?: number
  deleted: 'no' | 'perhaps' | 'yes'
}

export interface Client {
  tenant: Tenant
  records: Known[]
  witness: Witness
}

interface Note {
  id: string
  owner: string
  seq: number
}

interface Refusal {
  errors?: unknown
}

const OLD_SHARE = 0.15

/** Whatever has one of the statuses was done; a refusal for the time being has no effect; else nobody knows. */
async function step(client: Client): Promise<void> {
  const dice = Math.random()
  const own = pickSettled(client.records)
  if (own === undefined || dice < 0.3) await create(client)
  else if (dice < 0.55) await patch(client, own)
  else if (dice < 0.75) await get(client, own)
  else if (dice < 0.95) await list(client)
  else await remove(client, own)
}

function pickSettled(records: readonly Known[]): Known | undefined {
  const known = records[Math.floor(Math.random() * records.length)]
  return known?.deleted === 'no' && known.unsure === undefined ? known : undefined
}

async function create({ tenant, records, witness }: Client): Promise<void> {
  const { name: owner, version, changes, changing } = tenant
  const isOld = version > 0 && Math.random() < OLD_SHARE
  const body = { owner, seq: 0, [fieldOf(isOld ? version - 1 : version)]: true }
  const { status, body: answer } = await tenant.send('POST', '/note/', body)
  const isCalm = !changing && changes === tenant.changes
  if (status === 201) {
    if (isOld) witness.complain('a record was accepted under a schema that had been replaced')
    records.push({ id: (answer as Note).id, seq: 0, deleted: 'no' })
  } else if (status === 400 ? !isOld && isCalm : isUnexpected(status))
    witness.complain(`create answered ${status}: ${JSON.stringify((answer as Refusal)?.errors)}`)
}

async function patch({ tenant, witness }: Client, known: Known): Promise<void> {
  const seq = known.seq + 1
  const { status } = await tenant.send('PATCH', `/note/${known.id}`, { seq })
  if (status === 200) known.seq = seq
  else known.unsure = seq
  if (status !== 200 && isUnexpected(status)) witness.complain(`patch of an own record answered ${status}`)
}

async function get({ tenant, witness }: Client, known: Known): Promise<void> {
  const { status, body } = await tenant.send('GET', `/note/${known.id}`)
  if (status === 200) {
    const { owner, seq } = body as Note
    if (owner !== tenant.name) witness.complain('a record of another tenant was read')
    if (seq !== known.seq) witness.complain(`an acknowledged change was not read: ${known.seq}, but ${seq}`)
  } else if (isUnexpected(status)) witness.complain(`get of an own record answered ${status}`)
}

async function list({ tenant, witness }: Client): Promise<void> {
  const answer = await tenant.send('GET', '/note/?order=id.desc&limit=20')
  if (answer.status === 200) {
    if (notes(answer).some(({ owner }) => owner !== tenant.name))
      witness.complain('a record of another tenant was listed')
  } else if (isUnexpected(answer.status)) witness.complain(`list answered ${answer.status}`)
}

async function remove({ tenant, witness }: Client, known: Known): Promise<void> {
  const { status } = await tenant.send('DELETE', `/note/${known.id}`)
  known.deleted = status === 204 ? 'yes' : 'perhaps'
  if (status !== 204 && isUnexpected(status)) witness.complain(`delete of an own record answered ${status}`)
}

const notes = ({ body }: Outcome) => body as Note[]

/** Neither "not now" nor a broken connection. */
const isUnexpected = (status: number | undefined) => status !== undefined && status !== 503 && status !== 429

export async function runClient(client: Client, isOver: () => boolean): Promise<void> {
  while (!isOver()) await step(client)
}

/** Complains of every record of the tenant that is not as its writer knows it. */
export async function verifyTenant(
  tenant: Tenant,
  clients: readonly Client[],
  witness: Witness,
): Promise<void> {
  await untilServed(tenant)
  const stored = new Map<string, Note>()
  for (let after = ''; ; ) {
    const answer = await tenant.send('GET', `/note/?order=id&limit=1000${after}`)
    if (answer.status !== 200) throw new Error(`${tenant.name} cannot be read: ${answer.status}`)
    for (const note of notes(answer)) stored.set(note.id, note)
    const last = notes(answer).at(-1)
    if (last === undefined) break
    after = `&id=gt.${last.id}`
  }
  for (const { owner } of stored.values())
    if (owner !== tenant.name) witness.complain('a record is stored in another tenant')
  for (const known of clients.flatMap(({ records }) => records))
    verifyRecord(known, stored.get(known.id), witness)
}

async function untilServed({ send }: Tenant): Promise<void> {
  for (let tries = 0; tries < RECOVERY_TRIES; tries++) {
    if ((await send('GET', '/note/?limit=1')).status === 200) return
    await sleep(1000)
  }
}

function verifyRecord({ seq, unsure, deleted }: Known, note: Note | undefined, witness: Witness): void {
  if (note === undefined) {
    if (deleted === 'no') witness.complain('an acknowledged record is lost')
  } else if (deleted === 'yes') witness.complain('a deleted record is there again')
  else if (note.seq !== seq && note.seq !== unsure)
    witness.complain(`an acknowledged change is lost: ${seq}, but ${note.seq}`)
}
