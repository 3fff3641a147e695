-- The JSON of a written record on its way to the client; raises UV003 when a transaction answers with more than fits into
-- the server's memory, so that what cannot be told is not done either. Small records are let pass uncounted.
create function within_answer(p_record text) returns text language plpgsql as $$
declare
  size bigint := octet_length(p_record);
begin
  if size < 1024 then return p_record; end if;
  size := size + coalesce(nullif(current_setting('app.answer_size', true), ''), '0')::bigint;
  if size > 33554432 then raise exception 'answer too large' using errcode = 'UV003'; end if;
  perform set_config('app.answer_size', size::text, true);
  return p_record;
end $$;
