-- Whose move it is: who verifies, what has to happen next, what waits for a decision, and by when the office answers.
alter table assignment
    add column lead      text collate "C" not null default '',
    add column next_step text not null default 'none',
    add column request   text not null default '',
    add column answer_by timestamptz;
update assignment set lead = body ->> 'lead', next_step = case state
    when 'issued' then 'acknowledge' when 'acknowledged' then 'work' when 'working' then 'work'
    when 'submitted' then 'verify' when 'verified' then 'close' else 'none'
end;
create index assignment_of_office on assignment (issuer) where request <> '' or next_step in ('verify', 'close');
create index assignment_of_lead on assignment (lead) where next_step = 'verify';
