// Exports a whole list as a stream, from one snapshot. Every export is in the audit log.
import type { Readable } from 'node:stream'
import { type ExportEvent, recordExport } from '../../audit/export-audit-store.ts'
import type { ListPlan } from '../../query/plan/plan-list.ts'
import { exportSql } from '../../query/sql/list.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { withIndexAdvice } from '../index-advice.ts'
import { RecordStream, type StreamOptions } from './record-stream.ts'

export interface ExportOptions extends StreamOptions {
  /** For the audit log. */
  event: ExportEvent
}

/** The records of the plan in its order, up to the limit; resolves when the first rows are read and the export is logged. */
export async function openExport(
  stores: RecordContext,
  actor: Actor,
  plan: ListPlan,
  options: ExportOptions,
): Promise<Readable> {
  const whole = { ...plan, limit: options.limit, maxLimit: Number.POSITIVE_INFINITY }
  const open = () => stores.db.stream(actor.caller.tenant, exportSql(whole))
  const stream = new RecordStream(await withIndexAdvice(stores, actor, plan, open), options)
  // Nothing leaves before the log says so.
  await recordExport(stores.db, actor.caller, options.event).catch((error) => {
    stream.destroy()
    throw error
  })
  return stream
}
