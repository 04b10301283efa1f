-- A message that could not be handled keeps its trace until an operator sends it back.
alter table dead_letter add column trace text not null default '';
