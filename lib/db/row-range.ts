// The part of a list that a page shows.

/** At most `limit` rows after the first `offset`. */
export interface RowRange {
  limit: number
  offset: number
}
