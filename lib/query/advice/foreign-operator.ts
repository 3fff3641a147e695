// An operator of another query language, with the filters that come closest to it here.

/** The spellings closest to the operator on a field and a value, the best first. */
export type Suggest = (field: string, value: string) => string[]

export interface ForeignOperator {
  /** A short description, in brackets behind its name. */
  meaning?: string
  suggest: Suggest
}
