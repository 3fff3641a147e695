// Refusals of queries and preferences: those that cannot be parsed, and those that the entity does not allow.
import { problem } from './problem.ts'
import { quantity } from './quantity.ts'

export const queryErrors = {
  pageOutOfRange: problem(
    { status: 416, code: 'PGRST103', title: 'The page begins beyond the last record' },
    (offset: number, total: number) => ({
      detail: `The page begins at offset ${offset}, and there ${total === 1 ? 'is' : 'are'} only ${quantity(total, 'record')}.`,
      details: `An offset of ${offset} was requested, but there are only ${total} rows.`,
      headers: { 'content-range': `*/${total}` },
    }),
  ),
  notSingular: problem(
    { status: 406, code: 'PGRST116', title: 'Not exactly one record' },
    (count: number) => ({
      detail: `The request is for one record, and there are ${count === 0 ? 'none' : 'several'}.`,
      details: `The result contains ${count} rows`,
    }),
  ),
  answerTooLarge: problem(
    { status: 400, code: 'answer_too_large', title: 'The answer would be too large' },
    (mebibytes: number) => ({
      detail: `The response would have more than ${mebibytes} MiB.`,
      hint: 'Request fewer records with limit, fewer fields with select, or a stream with Accept: application/x-ndjson; write with Prefer: return=minimal.',
    }),
  ),
  filterRequired: problem(
    { status: 400, code: 'filter_required', title: 'A filter is required' },
    (verb: string) => ({
      detail: `${verb} on a collection requires a filter, so that not all records are affected by mistake.`,
      hint:
        verb === 'PATCH'
          ? 'Write id=not.is.null to apply it to every record; send an array of objects with their ids to change each in its own way.'
          : 'Write id=not.is.null to apply it to every record.',
    }),
  ),
  malformedQuery: problem(
    { status: 400, code: 'malformed_query', title: 'The query cannot be read' },
    (detail: string, hint?: string) => ({ detail, ...(hint === undefined ? {} : { hint }) }),
  ),
  unknownField: problem(
    { status: 400, code: 'unknown_field', title: 'Unknown field' },
    (name: string, allowed: string[], use?: string) => ({
      detail: `There is no field "${name}".`,
      hint: `${use === undefined ? '' : `${use} `}Fields: ${allowed.join(', ')}`,
    }),
  ),
  unknownOperator: problem(
    { status: 400, code: 'unknown_operator', title: 'The operator is not offered' },
    (operator: string, hint: string) => ({ detail: `The operator ${operator} is not offered.`, hint }),
  ),
  invalidValue: problem(
    { status: 400, code: 'invalid_value', title: 'The value does not fit the field' },
    (field: string, value: string, expected: string, hint?: string) => ({
      detail: `"${value}" is not a value of ${field}: ${expected}.`,
      ...(hint === undefined ? {} : { hint }),
    }),
  ),
  operatorNotAllowed: problem(
    { status: 400, code: 'operator_not_allowed', title: 'The operator does not fit the field' },
    (field: string, operator: string, allowed: readonly string[]) => ({
      detail: `The operator ${operator} does not work on ${field}.`,
      hint: `Operators: ${allowed.join(', ')}`,
    }),
  ),
  unknownRelation: problem(
    { status: 400, code: 'unknown_relation', title: 'The entities are not related' },
    (from: string, name: string, fields: string[]) => ({
      detail: `"${name}" cannot be embedded in "${from}": no relation leads there.`,
      ...(fields.length === 0 ? {} : { hint: `Relation fields: ${fields.join(', ')}` }),
    }),
  ),
  ambiguousRelation: problem(
    { status: 300, code: 'PGRST201', title: 'More than one relation leads there' },
    (from: string, name: string, hints: string[]) => ({
      detail: `"${name}" cannot be embedded in "${from}": more than one relation leads there.`,
      hint: `Write one of ${hints.map((hint) => `${name}!${hint}(*)`).join(', ')} in select.`,
    }),
  ),
  notEmbedded: problem(
    { status: 400, code: 'not_embedded', title: 'The entity is not embedded' },
    (name: string, embedded: string[]) => ({
      detail: `"${name}" is not embedded by select.`,
      ...(embedded.length === 0 ? {} : { hint: `Embedded: ${embedded.join(', ')}` }),
    }),
  ),
  unknownPreference: problem(
    { status: 400, code: 'PGRST122', title: 'Unknown preference' },
    (unknown: string[]) =>
      `With handling=strict every preference must be known; these are not: ${unknown.join(', ')}.`,
  ),
}
