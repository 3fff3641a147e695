// States of records as they are sent: the JSON of an ordinary answer, within the fields that the caller may read.
import { Parameters } from '../../db/parameters.ts'
import type { RecordState } from '../../log/record-state.ts'
import { projection } from '../../query/sql/projection.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { returnPlanOf } from '../return-plan.ts'
import { amongImages } from './images-sql.ts'

/** The JSON text of each state, in their order. */
export async function renderStates(
  stores: Pick<RecordContext, 'db' | 'plans' | 'pageLimits'>,
  actor: Actor,
  states: readonly RecordState[],
): Promise<string[]> {
  if (states.length === 0) return []
  const { outputs } = returnPlanOf(stores as RecordContext, actor, stores.plans.wholeRecord)
  const p = new Parameters()
  const statement = { text: `select ${projection(outputs, p)} from record r order by r.at`, values: p.values }
  const images = states.map((state, at) => ({ state, at }))
  const rows = await stores.db.read(actor.caller.tenant, amongImages(actor.entity, images, statement))
  return rows.map(([json]) => json as string)
}
