// Settings that are fine one by one and not together; each complaint is a line of the refusal to start.

/** What may contradict each other. */
export interface Combined {
  PORT: number
  METRICS_PORT: number
  DEFAULT_LIMIT: number
  MAX_LIMIT: number
  S3_BUCKET: string | undefined
  S3_ENDPOINT: string | undefined
  S3_ACCESS_KEY_ID: string | undefined
  S3_SECRET_ACCESS_KEY: string | undefined
}

/** The complaints; none: all is well. */
export function contradictions(given: Combined): string[] {
  const { DEFAULT_LIMIT, MAX_LIMIT, S3_BUCKET, S3_ENDPOINT, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = given
  const complaints: string[] = []
  if (DEFAULT_LIMIT > MAX_LIMIT)
    complaints.push(`DEFAULT_LIMIT must be at most MAX_LIMIT (${MAX_LIMIT}); it is "${DEFAULT_LIMIT}".`)
  if ((S3_ACCESS_KEY_ID === undefined) !== (S3_SECRET_ACCESS_KEY === undefined))
    complaints.push('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together, or neither.')
  // Files would be kept on a local disk, and an operator who meant otherwise would notice late.
  if (S3_BUCKET === undefined && (S3_ENDPOINT ?? S3_ACCESS_KEY_ID) !== undefined)
    complaints.push(
      'S3_BUCKET must be set with S3_ENDPOINT and S3_ACCESS_KEY_ID: without it nothing is kept there.',
    )
  if (given.METRICS_PORT !== 0 && given.METRICS_PORT === given.PORT)
    complaints.push(`METRICS_PORT must be another port than PORT; both are "${given.PORT}".`)
  return complaints
}
