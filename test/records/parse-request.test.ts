// The parse stage of requests for records: what each route takes, passes over and refuses of query, Accept, Prefer and
// preconditions.
import t from 'tap'
import { MISSING, startStudents } from '../support/records/students.ts'
import { runScenarios, type Scenario } from '../support/scenario.ts'

const PLAIN = { accept: 'text/plain' }

const OBJECT = { accept: 'application/vnd.pgrst.object+json' }

const MINIMAL = { prefer: 'return=minimal' }

/** `:id` stands for a record that there is, `:gone` for none. */
const scenarios: Omit<Scenario, 'as'>[] = [
  // Queries.
  { name: 'an id takes no filter', method: 'GET', url: '/student/:id?age=gt.1', status: 400 },
  { name: 'nor in a change', method: 'PATCH', url: '/student/:id?age=gt.1', body: {}, status: 400 },
  { name: 'a POST takes no filter', method: 'POST', url: '/student?age=gt.1', body: {}, status: 400 },
  { name: 'nor a cursor', method: 'POST', url: '/student?cursor=x', body: { name: 'x' }, status: 400 },
  {
    name: 'but passes limit and offset over',
    method: 'POST',
    url: '/student?limit=1&offset=1',
    body: { name: 'x' },
    status: 201,
  },
  {
    name: 'a change of many needs a filter',
    method: 'PATCH',
    url: '/student',
    body: {},
    status: 400,
    match: { code: 'filter_required', detail: /PATCH/ },
  },
  {
    name: 'a deletion, too',
    method: 'DELETE',
    url: '/student',
    status: 400,
    match: { code: 'filter_required', detail: /DELETE/ },
  },
  {
    name: 'a change of many takes no page',
    method: 'PATCH',
    url: '/student?age=gt.1&limit=1',
    body: {},
    status: 400,
    match: { code: 'malformed_query' },
  },

  // Accept.
  { name: 'a record has no such form', method: 'GET', url: '/student/:id', headers: PLAIN, status: 406 },
  { name: 'a list has none either', method: 'GET', url: '/student', headers: PLAIN, status: 406 },
  {
    name: 'a changed record is an answer',
    method: 'PATCH',
    url: '/student/:id',
    headers: PLAIN,
    body: {},
    status: 406,
  },
  {
    name: 'an answer without a record has no form to refuse',
    method: 'PATCH',
    url: '/student/:id',
    headers: { ...PLAIN, ...MINIMAL },
    body: {},
    status: 204,
    match: null,
  },
  {
    name: 'that of many records has one all the same',
    method: 'PATCH',
    url: '/student?age=gt.100',
    headers: { ...PLAIN, ...MINIMAL },
    body: {},
    status: 406,
  },
  {
    name: 'one object is an answer of many that holds it',
    method: 'PATCH',
    url: '/student?id=eq.:id',
    headers: OBJECT,
    body: { age: 3 },
    status: 200,
    match: { age: 3 },
  },
  {
    name: 'a deletion by id answers with nothing, whatever the form',
    method: 'DELETE',
    url: '/student/:bobs',
    headers: OBJECT,
    status: 204,
    match: null,
  },

  // Prefer.
  {
    name: 'reading always returns the record',
    method: 'GET',
    url: '/student/:id',
    headers: MINIMAL,
    status: 200,
    match: { name: 'Ann' },
    has: { 'preference-applied': undefined },
  },
  {
    name: 'a select of nothing is not looked at',
    method: 'PATCH',
    url: '/student/:id?select=nothing',
    headers: MINIMAL,
    body: {},
    status: 204,
  },
  {
    name: 'but it is in a change of many',
    method: 'PATCH',
    url: '/student?age=gt.100&select=nothing',
    headers: MINIMAL,
    body: {},
    status: 400,
    match: { code: 'unknown_field' },
  },

  // Preconditions.
  {
    name: 'If-Match holds entity tags',
    method: 'GET',
    url: '/student/:id',
    headers: { 'if-match': 'abc' },
    status: 400,
    match: { code: 'invalid_parameter' },
  },
  {
    name: 'a record that there is not has none',
    method: 'GET',
    url: '/student/:gone',
    headers: { 'if-match': 'abc' },
    status: 404,
  },
  {
    name: 'If-None-Match, too',
    method: 'GET',
    url: '/student/:id',
    headers: { 'if-none-match': 'abc' },
    status: 400,
  },
  {
    name: 'it has no meaning for a change',
    method: 'PATCH',
    url: '/student/:id',
    headers: { 'if-none-match': 'abc' },
    body: {},
    status: 200,
  },
  {
    name: 'a list has no preconditions',
    method: 'GET',
    url: '/student',
    headers: { 'if-match': 'abc', 'if-none-match': 'abc' },
    status: 200,
  },
  {
    name: 'nor has a change of many',
    method: 'PATCH',
    url: '/student?age=gt.100',
    headers: { 'if-match': 'abc' },
    body: {},
    status: 204,
  },
]

t.test('each route takes its own parts of a request', async (t) => {
  const { app, callers, ann, bobs } = await startStudents(t)
  const at = (url: string) => url.replace(':id', ann.id).replace(':bobs', bobs.id).replace(':gone', MISSING)
  const rows = scenarios.map((row): Scenario => ({ ...row, as: 'admin', url: at(row.url) }))
  await runScenarios(t, app, callers, rows)
})
