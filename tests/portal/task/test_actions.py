"""Which actions a page offers, to whom, and to whom not."""

from contracts.envelope import ActorRole
from services.portal.identity.reader import reader_of
from services.portal.task.actions import Action, TaskAction, actions, task_actions, writes_notices
from tests.portal.conftest import reader
from tests.story import Matter, Story
from tests.story.province import GAOPING, GOVERNMENT, JINCHENG, LINFEN_OFFICE, OFFICE, head, inspector

CLERK, HEAD = reader(GAOPING, ActorRole.UNIT_CLERK), reader(GAOPING, ActorRole.UNIT_HEAD)
INSPECTOR, SUPERVISOR = reader(OFFICE, ActorRole.INSPECTOR), reader(OFFICE, ActorRole.SUPERVISOR)
LEADER = reader(GOVERNMENT, ActorRole.LEADER, led=(OFFICE,))
STRANGERS = (
    reader(LINFEN_OFFICE, ActorRole.SUPERVISOR), reader(JINCHENG, ActorRole.UNIT_HEAD),
    reader(GOVERNMENT, ActorRole.SUPERVISOR), reader(OFFICE, ActorRole.LEADER), reader(OFFICE, ActorRole.OPERATOR),
)  # fmt: skip


def matter() -> Matter:
    return Story().register(lead=GAOPING, responsible=["14.10.21.000.gov"])


def test_a_unit_is_offered_its_own_steps_in_their_order():
    task = matter()
    assert actions(CLERK, task.part()) == (Action.ACKNOWLEDGE,)
    task.acknowledge()
    assert actions(HEAD, task.part()) == (Action.REPORT,)
    task.report(40)
    assert actions(CLERK, task.part()) == (Action.REPORT,)
    assert actions(HEAD, task.part()) == (Action.REPORT, Action.COMPLETE)
    assert not any(actions(each, task.part()) for each in (INSPECTOR, SUPERVISOR, LEADER, *STRANGERS))


def test_the_office_reviews_the_lead_and_the_lead_reviews_the_others():
    task = matter()
    task.acknowledge("14.10.21.000.gov")
    task.complete("14.10.21.000.gov")
    other = task.part("14.10.21.000.gov")
    assert actions(HEAD, other) == (Action.VERIFY, Action.REWORK) and actions(INSPECTOR, other) == ()
    task.verify("14.10.21.000.gov")
    task.acknowledge()
    task.complete()
    assert actions(INSPECTOR, task.part()) == (Action.VERIFY, Action.REWORK) and actions(LEADER, task.part()) == ()
    task.verify()
    assert actions(SUPERVISOR, task.part()) == (Action.CLOSE, Action.REWORK)
    assert actions(INSPECTOR, task.part()) == (Action.REWORK,) and actions(LEADER, task.part()) == ()
    assert not any(actions(each, task.part()) for each in STRANGERS)


def test_nobody_is_offered_to_judge_their_own_work():
    task = matter()
    task.acknowledge("14.10.21.000.gov")
    task.complete("14.10.21.000.gov")
    task.verify("14.10.21.000.gov")
    roles = (ActorRole.SUPERVISOR, ActorRole.INSPECTOR)
    verifier = reader_of(head(GAOPING).person, "", OFFICE, "", roles, ())
    submitter = reader_of(head("14.10.21.000.gov").person, "", OFFICE, "", roles, ())
    other = task.part("14.10.21.000.gov")
    assert Action.CLOSE not in actions(verifier, other) and actions(submitter, other) == ()
    assert inspector().person != verifier.person


def test_a_whole_task_is_the_issuing_office_s_head_s_and_its_leader_s():
    task = matter()
    for someone in (SUPERVISOR, LEADER):
        assert task_actions(someone, task.task) == (TaskAction.SUSPEND, TaskAction.CANCEL)
    assert not any(task_actions(each, task.task) for each in (INSPECTOR, HEAD, *STRANGERS))
    assert writes_notices(INSPECTOR, task.task) and not any(writes_notices(each, task.task) for each in STRANGERS)
    task.suspend()
    assert task_actions(SUPERVISOR, task.task) == (TaskAction.RESUME, TaskAction.CANCEL)
    assert actions(CLERK, task.part()) == () and not writes_notices(INSPECTOR, task.task)
    task.cancel()
    assert task_actions(SUPERVISOR, task.task) == ()
