-- A part that another unit gets (退回、改派): the unit may have another part later, and the task another lead.
alter table assignment add column returned boolean not null default false;
drop index assignment_of_unit;
create unique index assignment_of_unit on assignment (task_id, unit, role) where not returned;
drop index assignment_lead;
create unique index assignment_lead on assignment (task_id) where role = 'lead' and not returned;

-- What every unit was told at registration, for the units that come later.
alter table task add column texts json not null default '{}';
update task set texts = json_build_object(
    'target', body ->> 'target', 'verification_form', body ->> 'verification_form', 'instruction', body ->> 'instruction'
)
from (
    select aggregate, convert_from(body, 'UTF8')::json as body from outbox where type = 'task.registered'
) registration
where registration.aggregate = 'task/' || task_id;
