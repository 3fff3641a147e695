-- The next rows of the cursor `batches`, whose one column is text: at most so many, and none after the one that reaches the
-- number of bytes.
create function fetch_batch(p_rows integer, p_bytes bigint) returns setof text language plpgsql as $$
declare
  batches refcursor := 'batches';
  line text;
  size bigint := 0;
begin
  for i in 1..p_rows loop
    fetch next from batches into line;
    exit when not found;
    return next line;
    size := size + octet_length(line);
    exit when size >= p_bytes;
  end loop;
end $$;
