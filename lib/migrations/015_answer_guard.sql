-- Ends a statement whose answer would be too large, from within an expression.
create function refuse_answer() returns text language plpgsql as $$
begin
  raise exception 'answer too large' using errcode = 'UV003';
end $$;
