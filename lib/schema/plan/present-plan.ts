// A plan as the API shows it.
import type { StoredPlan } from './plan-store.ts'

/** The whole plan: what the preview has found, with its own members. */
export function presentPlan(plan: StoredPlan) {
  return { ...headOf(plan), ...plan.report }
}

/** A plan in a list. */
export function summarizePlan(plan: StoredPlan) {
  const { breaking, lossy, mode, records } = plan.report as Record<string, unknown>
  return { ...headOf(plan), breaking, lossy, mode, records }
}

function headOf({
  id,
  kind,
  state,
  baseVersion,
  createdAt,
  expiresAt,
  createdBy,
  author,
  progress,
}: StoredPlan) {
  return {
    plan: id,
    kind,
    state,
    base_version: baseVersion,
    created_at: createdAt,
    expires_at: expiresAt,
    by: author === null ? null : { id: createdBy, username: author },
    ...(progress === null ? {} : { progress }),
  }
}
