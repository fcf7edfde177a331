-- Text compares byte by byte (collation BINARY), which is the contract's order.
-- body and the images of a change are the format in codec.go; the other columns
-- repeat what is looked for.
create table record (
  pk         text not null,
  sk         text not null,
  version    integer not null,
  body       blob not null,
  owner      text,
  owner_sort text,
  due_shard  integer,
  due        integer, -- hours since 1970 UTC
  expires    integer, -- seconds since 1970 UTC
  primary key (pk, sk)
) strict, without rowid;
create index record_owner on record (owner, owner_sort, pk, sk) where owner is not null;
create index record_due on record (due_shard, due, pk, sk) where due is not null;
create index record_expires on record (expires) where expires is not null;

-- A sequence is never used twice, also after the last row was pruned.
create table change (
  seq integer primary key autoincrement,
  pk  text not null,
  sk  text not null,
  old blob, -- null: inserted
  new blob, -- null: removed
  at  integer not null default (unixepoch()) -- the machine's clock, for Prune alone
) strict;

pragma user_version = 1;
