// The parse stage of writes: beside the request itself, what of the written records the answer holds, and for a POST how its
// rows meet records that exist.
import type { FastifyReply } from 'fastify'
import { isAdmin } from '../../lib/access/roles.ts'
import { errors } from '../../lib/errors.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import type { Actor } from '../../lib/records/actor.ts'
import type { MergeOptions } from '../../lib/records/create/row.ts'
import { conflictTarget } from '../../lib/records/input.ts'
import { recordId } from '../../lib/records/read/read-store.ts'
import { RETURN_NOTHING, type ReturnPlan, returnPlanOf } from '../../lib/records/return-plan.ts'
import { type Conditions, type ParsedRequest, parseRecordRequest, type RecordRequest } from './request.ts'

export interface WriteRequest extends ParsedRequest {
  /** What of the records the answer holds; nothing unless it `represents` them. */
  answer: ReturnPlan
  /** The answer is to be one object, so the write must concern exactly one record. */
  single: boolean
  /** Everything happens and nothing stays. */
  rollback: boolean
  /** The record versions that If-Match accepts; undefined: any. */
  versions: number[] | undefined
}

export interface CreateRequest extends WriteRequest {
  /** How the rows meet records that exist; undefined: they are all new. */
  merge: MergeOptions | undefined
  /** The rows may have ids and times of another system. */
  keepsSystemFields: boolean
}

/**
 * Parses a write; errors.invalidParameter when If-Match holds no entity tag.
 *
 * @param honoured the preferences that have a meaning for the route
 */
export async function parseWriteRequest(
  request: RecordRequest,
  reply: FastifyReply,
  honoured: readonly (keyof Preferences)[],
): Promise<WriteRequest> {
  const parsed = await parseRecordRequest(request, reply, honoured)
  const { actor, preferences, representation, conditions } = parsed
  return {
    ...parsed,
    versions: conditions && acceptedVersions(request, actor, conditions),
    answer: planAnswer(request, parsed),
    single: representation.form === 'object',
    rollback: preferences.tx === 'rollback',
  }
}

function acceptedVersions({ server, params }: RecordRequest, { entity }: Actor, { ifMatch }: Conditions) {
  return server.recordEtags.acceptedVersions(ifMatch, { entityId: entity.id, id: recordId(params.id) })
}

/** A write of many records refuses a bad `select` even when it returns nothing. */
function planAnswer(
  { server, params }: RecordRequest,
  { actor, query, represents }: ParsedRequest,
): ReturnPlan {
  if (!represents && 'id' in params) return RETURN_NOTHING
  const plan = returnPlanOf(server, actor, query)
  return represents ? plan : RETURN_NOTHING
}

const HONOURED = ['return', 'count', 'resolution', 'missing', 'tx', 'bulk', 'systemFields', 'sign'] as const

/** Parses a POST; errors.forbidden for `system-fields=keep`, errors.unknownField, errors.malformedQuery when `on_conflict` names no unique constraint. */
export async function parseCreateRequest(
  request: RecordRequest,
  reply: FastifyReply,
): Promise<CreateRequest> {
  const write = await parseWriteRequest(request, reply, HONOURED)
  const { actor, query, preferences } = write
  const { resolution } = preferences
  const merge = resolution && { target: conflictTarget(actor.policy.visible, query.onConflict), resolution }
  const keepsSystemFields = preferences.systemFields === 'keep'
  if (keepsSystemFields && !isAdmin(actor.caller.role))
    throw errors.forbidden('the role admin to keep system fields')
  return { ...write, merge, keepsSystemFields }
}

const ROW_CHANGE_HONOURED = ['return', 'count', 'missing', 'maxAffected', 'tx', 'bulk', 'sign'] as const

/** Parses a PATCH whose rows each name a record; errors as of parseCreateRequest. */
export async function parseRowChange(request: RecordRequest, reply: FastifyReply): Promise<CreateRequest> {
  const write = await parseWriteRequest(request, reply, ROW_CHANGE_HONOURED)
  const target = conflictTarget(write.actor.policy.visible, write.query.onConflict)
  return { ...write, merge: { target, resolution: 'change-existing' }, keepsSystemFields: false }
}
