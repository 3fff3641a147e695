// Advice on a row filter outside the grammar.
import type { Entity } from '../entities/entity.ts'
import type { Problem } from '../errors/problem.ts'
import type { Part } from '../query/advice/advice-subject.ts'
import { advise } from '../query/advice/advise.ts'
import { recordSubject } from '../query/advice/record-subject.ts'
import type { UnreadParameter } from '../query/parse/unread.ts'
import { parseRule, planRule, ruleContext, type User } from './rule.ts'

const takesNo = (part: Part) =>
  part === 'filter' ? undefined : 'A row filter takes filters on the fields of the entity and nothing else.'

/** The refusal of the parameter, with a filter that the entity takes. */
export function adviseOnRule(
  unread: UnreadParameter,
  search: string,
  { entity, user }: { entity: Entity; user: User },
): Problem {
  const subject = { ...recordSubject(ruleContext(entity)), takesNo }
  const accept = (spelling: string) => void planRule(parseRule(spelling), entity, user)
  return advise(unread, { subject, search, accept })
}
