-- Where enter_read's work is done by a plain statement, which cannot raise an exception itself.
create function refuse_stale() returns boolean language plpgsql as $$
begin
  raise exception 'stale epoch' using errcode = 'UV001';
end $$;
