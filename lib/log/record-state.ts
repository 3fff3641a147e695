// A record at one moment, as it is stored; times as PostgreSQL writes them, exactly.

export interface RecordState {
  id: string
  version: number
  createdAt: string
  /** Null: it has not been changed. */
  updatedAt: string | null
  createdBy: string | null
  updatedBy: string | null
  /** By field key. */
  data: Readonly<Record<string, unknown>>
}
