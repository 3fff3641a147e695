// A directory of the system for a test, removed when the test ends: what has to lie apart from the test's own fixture.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Makes an empty directory. */
export function temporary(test: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'univera-'))
  test.teardown(() => rmSync(path, { recursive: true, force: true }))
  return path
}
