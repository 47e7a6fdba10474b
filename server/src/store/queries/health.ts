// One read for everything that readiness asks of a database, its clock included. SQLite has no clock of its own.
import { read } from '../statement.ts';

const text = (clock: string) => `select
    (select count(*) from schema_migrations) as applied,
    (select name from schema_migrations order by number desc limit 1) as newest,
    key.version, key.master_key_id, key.wrapped,
    ${clock} as now_ms
  from (select 1 as one) as this
  left join data_keys as key on key.scope = :scope
  order by key.version desc
  limit 1`;

export const health = read(
  'health',
  text('null'),
  text('(extract(epoch from clock_timestamp()) * 1000)::bigint'),
);
