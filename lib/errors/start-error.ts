// An error during startup that the operator can fix: reported in one line, without a stack, with exit code 1.

export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartError'
  }
}

/** The message of a thrown value; of a system error without a message its code. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if (error instanceof Error) return error.message || String((error as NodeJS.ErrnoException).code)
  return String(error)
}
