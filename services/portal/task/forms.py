"""The forms of a task's page: what each action asks for. Every limit stands with its command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from starlette.datastructures import FormData

from contracts.assignment import Assignment
from contracts.commands.assignment import Acknowledge, Close, Complete, Report, Rework, Verify
from contracts.commands.task import Cancel, Resume, Suspend
from contracts.refusals import Refused
from contracts.task import Task
from contracts.terms import AssignmentState, ReportKind
from services.portal.identity.reader import Reader
from services.portal.task.actions import Action, TaskAction, actions, task_actions
from services.portal.web.formats import number
from services.portal.web.forms import BoundForm, Field, Form
from services.portal.web.i18n import N_, gettext
from services.portal.web.labels import label

PERSON = Field("responsible_person", N_("责任人"), autocomplete="name")
REASON = Field("reason", N_("理由"))

FORMS: dict[Action, Form] = {
    Action.ACKNOWLEDGE: Form(Acknowledge, (PERSON,)),
    Action.REPORT: Form(
        Report,
        (
            Field("kind", N_("类别"), control="radios"),
            Field("percent", N_("累计完成"), control="decimal"),
            Field("milestones", N_("这次达到的时间节点"), control="checkboxes"),
            Field("text", N_("情况说明"), placeholder=N_("做了什么、取得什么结果、下一步时间节点")),
            Field("evidence", N_("佐证材料"), hint=N_("可多选"), control="files"),
            PERSON,
        ),
    ),
    Action.COMPLETE: Form(
        Complete,
        (
            Field("text", N_("完成情况")),
            Field("evidence", N_("佐证材料"), hint=N_("至少一份，可多选"), control="files"),
        ),
    ),
    Action.VERIFY: Form(Verify),
    Action.REWORK: Form(Rework, (Field("reason", N_("退回理由")),)),
    Action.CLOSE: Form(Close, (Field("grade", N_("评定等次"), control="radios", table="grade"),)),
}
TASK_FORMS: dict[TaskAction, Form] = {
    TaskAction.SUSPEND: Form(Suspend, (REASON,)),
    TaskAction.RESUME: Form(Resume, (REASON,)),
    TaskAction.CANCEL: Form(Cancel, (REASON,)),
}


def form_of(action: Action, assignment: Assignment) -> Form:
    """What an action asks for of an assignment as it stands."""
    return _report(assignment) if action is Action.REPORT else FORMS[action]


def _report(assignment: Assignment) -> Form:
    """Only the milestones ahead are offered, and whoever is responsible is asked for once."""
    deployed = assignment.state is AssignmentState.WORKING
    kinds = tuple((kind, label("report", kind)) for kind in (ReportKind.PROGRESS, ReportKind.DEPLOYMENT))
    ahead = tuple((each.name, each.name) for each in assignment.milestones if not each.reached_at)
    accepted = gettext("0 到 100，已认可 %(n)s%%") % {"n": number(assignment.percent or 0)}
    form = FORMS[Action.REPORT].asking("percent", hint=accepted)
    form = form.asking("kind", options=kinds, value=ReportKind.PROGRESS if deployed else ReportKind.DEPLOYMENT)
    form = form.asking("milestones", options=ahead) if ahead else form.without("milestones")
    return form.without("responsible_person") if assignment.responsible_person else form


@dataclass(frozen=True)
class Tried:
    """A form that was sent and refused. assignment: where it is about one. kept: its files, by digest."""

    refusal: Refused
    action: str = ""
    assignment: UUID | None = None
    form: FormData = field(default_factory=FormData)
    kept: Mapping[str, str] = field(default_factory=dict)

    def bind(self, form: Form, prefix: str) -> BoundForm:
        """The form again, with what was typed and what is wrong with it."""
        return form.bind(prefix, self.form, self.refusal, self.kept)


def offered(reader: Reader, assignment: Assignment, tried: Tried | None) -> dict[Action, BoundForm]:
    """The forms of what may be done with an assignment, and the one that was just tried, so that nothing is lost."""
    own = tried if tried and tried.assignment == assignment.assignment_id else None
    names = dict.fromkeys([*actions(reader, assignment), *([Action(own.action)] if own else [])])
    return {
        action: _bound(form_of(action, assignment), action, own, f"{action}-{assignment.assignment_id}-")
        for action in names
    }


def offered_of_task(reader: Reader, task: Task, tried: Tried | None) -> dict[TaskAction, BoundForm]:
    """The forms of what may be done with the whole task."""
    own = tried if tried and tried.assignment is None else None
    return {action: _bound(TASK_FORMS[action], action, own, f"{action}-") for action in task_actions(reader, task)}


def _bound(form: Form, action: str, tried: Tried | None, prefix: str) -> BoundForm:
    return tried.bind(form, prefix) if tried and tried.action == action else form.bind(prefix)
