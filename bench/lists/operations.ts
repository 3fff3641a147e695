// All operations, in the order in which they are measured.

import { CORE } from './core.ts'
import { WRITES } from './writes.ts'

export const OPERATIONS = [...CORE, ...WRITES]
