// How large a query may grow before it is refused: each is far above what a person or a client library writes.

/** Characters of the query string as sent. */
export const MAX_QUERY_LENGTH = 16_384
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
