// What keeps the server from starting and is the operator's to mend: told in one sentence, without a stack, exit code 1.

export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartError'
  }
}

/** The message of whatever was thrown; system errors without one give their code. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (error instanceof Error) return error.message || String((error as NodeJS.ErrnoException).code)
  return String(error)
}

/** The code of a system or PostgreSQL error, '' when it has none. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  return error instanceof Error ? String((error as NodeJS.ErrnoException).code ?? '') : ''
}
