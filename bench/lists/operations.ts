// All operations, in the order in which they are measured.

import { CORE } from './core.ts'
import { EMBEDS } from './embeds.ts'
import { FURTHER } from './further.ts'
import { WRITES } from './writes.ts'

export const OPERATIONS = [...CORE, ...FURTHER, ...EMBEDS, ...WRITES]
