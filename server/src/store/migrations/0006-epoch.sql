-- The epoch: counts how often this store came back from a copy of itself (a restored backup, a promoted replica). Every
-- commit is conditional on it, so that a process that knows an older one changes nothing.

create table store_epoch (
  only_one bigint primary key default 1 check (only_one = 1),
  epoch bigint not null check (epoch > 0),
  reason text not null check (reason in ('made', 'restored', 'asked')),
  began_at_ms bigint not null
);

insert into store_epoch (epoch, reason, began_at_ms) values (1, 'made', 0);

-- The version of the data key whose pepper went into the hash: codes on paper outlive a rotation of keys.
alter table recovery_codes add column pepper_version bigint not null default 1;
