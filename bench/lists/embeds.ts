// Operations that read related records or groups of a filter, beside those with a bound.

import { type Operation, operation } from './operation.ts'
import { COMMENT, list, object, RELATED, text, whole } from './shapes.ts'

export const EMBEDS: readonly Operation[] = [
  operation({
    name: 'comments of a student',
    draw: (pool) => ({ student: pool.studentId() }),
    univera: ({ student }) => `/comment/?select=id,body,student&student=eq.${student}&order=id.desc&limit=20`,
    byHand: {
      sql: `select id, body, student_id as student from comments where student_id = $1 order by id desc limit 20`,
      row: object({ ...COMMENT, student: text }),
    },
  }),
  operation({
    name: 'backward embed',
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?select=id,name,comment(id,body)&age=eq.${age}&order=name&limit=20`,
    byHand: {
      sql: `select s.id, s.name, coalesce((
          select json_agg(json_build_object('id', c.id, 'body', c.body)) from comments c where c.student_id = s.id
        ), '[]') as comment
        from (select id, name from students where age = $1 order by name limit 20) s order by s.name`,
      row: object({ ...RELATED, comment: list(object(COMMENT)) }),
    },
  }),
  operation({
    name: 'backward embed, count',
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?select=id,name,comment(count())&age=eq.${age}&order=name&limit=20`,
    byHand: {
      sql: `select s.id, s.name, (select count(*)::int from comments c where c.student_id = s.id) as comments
        from (select id, name from students where age = $1 order by name limit 20) s order by s.name`,
      row: object({ ...RELATED, comments: whole }),
    },
  }),
  operation({
    name: 'many-to-many embed',
    draw: (pool) => ({ id: pool.commentId() }),
    univera: ({ id }) => `/comment/?select=id,body,tags(id,name)&id=lt.${id}&order=id.desc&limit=20`,
    byHand: {
      sql: `select c.id, c.body, coalesce((
          select json_agg(json_build_object('id', t.id, 'name', t.name))
          from comment_tags l join tags t on t.id = l.tag_id where l.comment_id = c.id
        ), '[]') as tags
        from (select id, body from comments where id < $1 order by id desc limit 20) c order by c.id desc`,
      row: object({ ...COMMENT, tags: list(object(RELATED)) }),
    },
  }),
  operation({
    name: 'two-level embed',
    draw: (pool) => ({ id: pool.commentId() }),
    univera: ({ id }) =>
      `/comment/?select=id,body,student(id,name,school(id,name))&id=lt.${id}&order=id.desc&limit=20`,
    byHand: {
      sql: `select c.id, c.body, json_build_object('id', s.id, 'name', s.name,
          'school', json_build_object('id', k.id, 'name', k.name)) as student
        from comments c left join students s on s.id = c.student_id left join schools k on k.id = s.school_id
        where c.id < $1 order by c.id desc limit 20`,
      row: object({ ...COMMENT, student: object({ ...RELATED, school: object(RELATED) }) }),
    },
  }),
  operation({
    name: 'filter by the related',
    draw: (pool) => ({ school: pool.schoolName() }),
    univera: ({ school }) =>
      `/student/?select=id,name,school!inner(id,name)&school.name=eq.${encodeURIComponent(school)}&order=name&limit=20`,
    byHand: {
      sql: `select s.id, s.name, json_build_object('id', c.id, 'name', c.name) as school
        from students s join schools c on c.id = s.school_id where c.name = $1 order by s.name limit 20`,
      row: object({ ...RELATED, school: object(RELATED) }),
    },
  }),
  operation({
    name: 'groups of a filter',
    draw: (pool) => ({ age: pool.age() }),
    univera: ({ age }) => `/student/?select=grade,count()&age=eq.${age}`,
    byHand: {
      sql: 'select grade, count(*)::int as count from students where age = $1 group by grade',
      row: object({ grade: { type: ['number', 'null'] }, count: whole }),
    },
  }),
]
