-- One commit is one statement: a list of data-modifying parts whose last select calls this function with the
-- changed-row count of each part. It fails the statement, and with it the whole list, at the first part that did
-- not find its condition, and says which one that was.

create function secondring_expect_one(changed bigint, part integer) returns integer
  language plpgsql volatile as $$
begin
  if changed is distinct from 1 then
    raise exception using errcode = 'SR001', message = part::text;
  end if;
  return part;
end
$$;
