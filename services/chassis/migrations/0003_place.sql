-- When the stream took that message: published again it may stand at the same place, with others before it.
alter table place add column sent_at timestamptz;
