// How PostgreSQL plans on the server's connections.

/**
 * Every statement is planned once per connection: its text holds the query's shape, so plans for single values would only
 * cost (planning a list takes three times as long as running it). All access to records goes through an index, whatever
 * the statistics of a table that has just been filled say.
 */
export const PLANNER_SETTINGS = [
  'set plan_cache_mode to force_generic_plan',
  'set enable_seqscan to off',
  'set jit to off',
] as const

/** On Citus, which finds the shard of most statements by their values: it keeps the plans of those that it can. */
export const PLANNER_SETTINGS_ON_CITUS = ['set enable_seqscan to off', 'set jit to off'] as const
