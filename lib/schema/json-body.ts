// The text of a JSON body to its value; errors.malformedBody when it is no JSON.
import { errors } from '../errors.ts'

export function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw errors.malformedBody(`The body is not JSON: ${(error as Error).message}.`)
  }
}
