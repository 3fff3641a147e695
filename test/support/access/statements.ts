// What the server sends to the database, noted for tests.

import type { Test } from 'tap'
import { onStatements } from '../sent-statements.ts'

export interface Recorded {
  text: string
  values: unknown[]
}

/** What the server does by itself every now and then. */
const BACKGROUND =
  /claim_slot_fill|claim_key_fill|claim_entity_purge|claim_field_purge|deleted_tenants|pg_locks/

/** Notes every statement that requests make a server of this process send from now on. */
export function recordStatements(t: Test): Recorded[] {
  const sent: Recorded[] = []
  onStatements(t, (statements) => {
    for (const { text, values = [] } of statements)
      if (text !== undefined && !BACKGROUND.test(text)) sent.push({ text, values: [...values] })
  })
  return sent
}
