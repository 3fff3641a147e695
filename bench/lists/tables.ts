// The yardstick's side: typed tables with the very records of Univera, and an index for each column that a question
// filters or orders by.

import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

const TABLES = `
  create table schools (id uuid primary key default uuidv7(), name text collate "C" not null);
  create table tags (id uuid primary key default uuidv7(), name text not null);
  create table students (
    id uuid primary key default uuidv7(), name text collate "C", age int, email text, enrolled boolean,
    amount numeric, grade float8, school_id uuid references schools,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
  create table comments (
    id uuid primary key default uuidv7(), body text, student_id uuid references students,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
  create table comment_tags (
    comment_id uuid references comments, tag_id uuid references tags, primary key (comment_id, tag_id))`

const INDEXES = `
  create index on schools (name);
  create index on students (name);
  create index on students (age);
  create index on students (email);
  create index on students (grade nulls first);
  create index on students (school_id);
  create index on students (created_at);
  create index on comments (student_id);
  create index on comments (created_at);
  create index on comment_tags (tag_id)`

/** Moments that differ, in the order of the ids: those of an import are all the same. */
const moment = `r.created_at + row_number() over (order by r.id) * interval '1 us'`

const records = (columns: string, entity: string) =>
  `select ${columns} from record r join entity e on e.id = r.entity_id where e.name = '${entity}' order by r.id`

/** What each table is copied from, in the order of their foreign keys. */
const SOURCES: Record<string, string> = {
  schools: records(`r.id, r.data->>'name'`, 'school'),
  tags: records(`r.id, r.data->>'name'`, 'tag'),
  students: records(
    `r.id, r.data->>'name', r.data->>'age', r.data->>'email', r.data->>'enrolled', r.data->>'amount',
      r.data->>'grade', r.data->>'school', ${moment}, ${moment}`,
    'student',
  ),
  comments: records(`r.id, r.data->>'body', r.data->>'student', ${moment}, ${moment}`, 'comment'),
  comment_tags: `select l.from_id, l.to_id from link l join entity e on e.id = l.from_entity
    where e.name = 'comment' and l.field = 'tags' order by 1, 2`,
}

/** Fills the database of the server written by hand. */
export async function fillTables(from: pg.Client, to: pg.Client): Promise<void> {
  await to.query(TABLES)
  // Before the rows, as in a table that has grown.
  await to.query(INDEXES)
  for (const [table, source] of Object.entries(SOURCES))
    await pipeline(
      from.query(copyTo(`copy (${source}) to stdout`)),
      to.query(copyFrom(`copy ${table} from stdin`)),
    )
  await to.query('vacuum (analyze)')
}
