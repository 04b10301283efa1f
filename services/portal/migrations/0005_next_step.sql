-- Whose move it is: what has to happen next with a part, by when where that is not the unit's, and who verifies.
alter table assignment
    add column lead      text collate "C" not null default '',
    add column next_step text not null default 'none',
    add column answer_by timestamptz;
update assignment set lead = body ->> 'lead', next_step = case state
    when 'issued' then 'acknowledge' when 'acknowledged' then 'work' when 'working' then 'work'
    when 'submitted' then 'verify' when 'verified' then 'close' else 'none'
end;
create index assignment_of_office on assignment (issuer, next_step) where next_step in ('decide', 'verify', 'close');
create index assignment_of_lead on assignment (lead) where next_step = 'verify';
