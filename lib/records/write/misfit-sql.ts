// Parts of a write statement that keep the list of misfits: values that a change of the definition in preparation does not take.
// They belong to the statement that writes the records, its part `r`, so that list and records always agree.
import type { Parameters } from '../../db/parameters.ts'
import type { MisfitChange, NewRecord } from './written-row.ts'

interface Listed {
  /** The record's id; absent: every record of `r`. */
  f?: string
  key: string
  reason?: string
}

/** The keys that are looked at anew and fit. */
function settledOf({ settled, found }: MisfitChange): string[] {
  return settled.filter((key) => !found.some((misfit) => misfit.key === key))
}

/** The parts for records that are written each in its own way; none where no change is being prepared. */
export function misfitParts(rows: readonly Listing[], p: Parameters): string[] {
  return partsOf({ ...listOf(rows), same: '', checked: false }, p)
}

/** As misfitParts, for the job: it need not look at these values again, but for those that others may give up meanwhile. */
export function checkedMisfitParts(rows: readonly Listing[], p: Parameters): string[] {
  return partsOf({ ...listOf(rows), same: '', checked: true }, p)
}

type Listing = Pick<NewRecord, 'id' | 'misfits'>

function listOf(rows: readonly Listing[]) {
  const changes = rows.flatMap(({ id, misfits }) => (misfits === undefined ? [] : [{ id, misfits }]))
  const settled = changes.flatMap(({ id, misfits }) => settledOf(misfits).map((key) => ({ f: id, key })))
  const found = changes.flatMap(({ id, misfits }) => misfits.found.map((one) => ({ f: id, ...one })))
  return { settled, found }
}

/** The parts for records that are all changed in the same way. */
export function sharedMisfitParts(misfits: MisfitChange | undefined, p: Parameters): string[] {
  if (misfits === undefined) return []
  const settled = settledOf(misfits).map((key) => ({ key }))
  return partsOf({ settled, found: misfits.found, same: ' or d.f is null', checked: false }, p)
}

interface Misfits {
  settled: readonly Listed[]
  found: readonly Listed[]
  /** Continues the condition that joins them with records. */
  same: string
  checked: boolean
}

function partsOf({ settled, found, same, checked }: Misfits, p: Parameters): string[] {
  const parts: string[] = []
  if (settled.length > 0)
    parts.push(`settled as (delete from misfit m using r
      join jsonb_to_recordset(${p.add(JSON.stringify(settled))}::jsonb) as d(f uuid, key text) on d.f = r.id${same}
      where m.tenant_id = r.tenant_id and m.entity_id = r.entity_id and m.id = r.id and m.key = d.key)`)
  if (found.length > 0)
    parts.push(`noted as (insert into misfit (tenant_id, entity_id, key, id, reason, checked)
      select r.tenant_id, r.entity_id, d.key, r.id, d.reason, ${checked} from r
      join jsonb_to_recordset(${p.add(JSON.stringify(found))}::jsonb) as d(f uuid, key text, reason text) on d.f = r.id${same}
      on conflict (tenant_id, entity_id, key, id) do update set reason = excluded.reason, checked = excluded.checked)`)
  return parts
}
