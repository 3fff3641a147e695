// Loaded into Univera before its server: no field gets an index by itself, so that what is measured without one stays so.
// Set LISTS_AUTOMATIC=1 to have them.

import { MissingIndexCounter, wantedFields } from '../../lib/indexing/missing-indexes.ts'

// The looking is part of what a request costs.
MissingIndexCounter.prototype.note = (plan) => void wantedFields(plan)
