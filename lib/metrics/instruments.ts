// What is measured, by name. Labels have few values and name no tenant, entity or user: routes are patterns, refusals are
// codes of the catalogue.
import { Counter, Histogram, type Registry } from 'prom-client'

/** Seconds: from a read of one record to what a client hardly waits for. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Statements that share a round trip. */
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128]

/** The counters and histograms, registered. */
export function createInstruments(registry: Registry) {
  const registers = [registry]
  return {
    requests: new Histogram({
      name: 'univera_http_request_seconds',
      help: 'How long requests took, until the last byte was handed over',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    refusals: new Counter({
      name: 'univera_refusals_total',
      help: 'Requests refused, by the code of the error; quota_exceeded and request_quota_exceeded are quotas',
      labelNames: ['code'],
      registers,
    }),
    retries: new Counter({
      name: 'univera_epoch_retries_total',
      help: 'Requests run again because the metadata of their tenant had changed',
      registers,
    }),
    work: new Histogram({
      name: 'univera_database_seconds',
      help: 'How long work in the database took, its waits included; a stream and a transaction as a whole',
      labelNames: ['work', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    waits: new Histogram({
      name: 'univera_database_wait_seconds',
      help: 'How long work waited for a connection of the pool',
      labelNames: ['kind'],
      buckets: SECONDS,
      registers,
    }),
    statements: new Counter({
      name: 'univera_database_statements_total',
      help: 'Statements sent to PostgreSQL on behalf of requests and background work',
      registers,
    }),
    batches: new Histogram({
      name: 'univera_database_batch_statements',
      help: 'Statements that shared a round trip',
      buckets: SIZES,
      registers,
    }),
  }
}

export type Instruments = ReturnType<typeof createInstruments>
