// Bounds on the size of a query, each far above what people and client libraries send.

/** Characters of the query string as sent: half of what the server reads of a request's head. */
export const MAX_QUERY_LENGTH = 32_768

/** Conditions in one request, embedded ones included. */
export const MAX_CONDITIONS = 100

/** Nesting of and/or. */
export const MAX_DEPTH = 10

/** Items of one select list. */
export const MAX_SELECT = 1_000

/** Keys of one order. */
export const MAX_ORDER = 10

/** Embedded entities of one request, and how deep one may lie in another. */
export const MAX_EMBEDS = 20

export const MAX_EMBED_DEPTH = 5

/** Related records in one record, where the server has no smaller limit for lists. */
export const MAX_EMBEDDED = 1_000

/** Parameters of one statement, as PostgreSQL counts them. */
export const MAX_PARAMETERS = 65_535
