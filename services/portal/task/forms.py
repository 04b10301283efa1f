"""The forms of a task's page: what each action asks for. Every limit stands with its command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from starlette.datastructures import FormData

from contracts.assignment import Assignment
from contracts.commands.assignment import (
    Acknowledge,
    Close,
    Complete,
    DecideRequest,
    ProposePlan,
    ProposeReassignment,
    Report,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    Rework,
    Verify,
    WithdrawRequest,
)
from contracts.commands.task import Cancel, Resume, Suspend
from contracts.refusals import Refused
from contracts.task import Task
from contracts.terms import AssignmentState, ReportKind, RequestKind
from services.portal.identity.reader import Reader
from services.portal.task.actions import Action, TaskAction, actions, requests, task_actions
from services.portal.web.formats import day, number
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
    Action.GRANT: Form(
        DecideRequest,
        (
            Field("due", N_("批准的时限"), hint=N_("不填即按申请的日期"), control="date"),
            Field("unit", N_("改由哪个单位承办"), hint=N_("不填即按建议的单位")),
            Field("reason", N_("审批意见"), control="text"),
        ),
    ),
    Action.REFUSE: Form(DecideRequest, (Field("reason", N_("不同意的理由")),)),
    Action.WITHDRAW_REQUEST: Form(WithdrawRequest),
    Action.REQUEST_EXTENSION: Form(
        RequestExtension,
        (
            Field("due", N_("申请延至"), control="date"),
            REASON,
            Field("plan", N_("延期后怎样办"), placeholder=N_("分几步、各到什么时候、由谁负责")),
        ),
    ),
    Action.PROPOSE_PLAN: Form(
        ProposePlan,
        (
            Field("due", N_("解决的时间"), control="date"),
            Field("plan", N_("解决方案"), placeholder=N_("卡在哪里、分几步解决、各到什么时候、由谁负责")),
            Field("reason", N_("为什么到期不能办结")),
        ),
    ),
    Action.REQUEST_RECLASSIFICATION: Form(RequestReclassification, (REASON,)),
    Action.REQUEST_RETURN: Form(
        RequestReturn,
        (
            Field("reason", N_("为什么不属于本单位")),
            Field("unit", N_("建议由哪个单位承办"), hint=N_("可不填")),
        ),
    ),
    Action.PROPOSE_REASSIGNMENT: Form(ProposeReassignment, (Field("unit", N_("改由哪个单位承办")), REASON)),
}
FIXED: dict[Action, dict[str, object]] = {Action.GRANT: {"approved": True}, Action.REFUSE: {"approved": False}}
"""What an action itself says of its command."""
TASK_FORMS: dict[TaskAction, Form] = {
    TaskAction.SUSPEND: Form(Suspend, (REASON,)),
    TaskAction.RESUME: Form(Resume, (REASON,)),
    TaskAction.CANCEL: Form(Cancel, (REASON,)),
}


def form_of(action: Action, assignment: Assignment) -> Form:
    """What an action asks for of an assignment as it stands."""
    form = FORMS[action]
    if action is Action.REPORT:
        return _report(assignment)
    if action is Action.REQUEST_EXTENSION and assignment.due and assignment.extend_to:
        bounds = {"from": day(assignment.due), "to": day(assignment.extend_to)}
        return form.asking("due", hint=gettext("晚于现行时限 %(from)s，最晚 %(to)s") % bounds)
    if action is Action.PROPOSE_PLAN and assignment.plan_to:
        return form.asking("due", hint=gettext("最晚 %s") % day(assignment.plan_to))
    return _granted(form, assignment) if action is Action.GRANT else form


def _granted(form: Form, assignment: Assignment) -> Form:
    """A date is granted, or a unit named, as far as the request is about one."""
    kind = assignment.request.kind if assignment.request else None
    if kind not in (RequestKind.EXTENSION, RequestKind.RESOLUTION_PLAN):
        form = form.without("due")
    return form if kind in (RequestKind.RETURN, RequestKind.REASSIGNMENT) else form.without("unit")


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


LAST = frozenset({Action.COMPLETE, Action.VERIFY, Action.CLOSE})
"""What happens with the lead's part only once every other one is finished."""


def offered(
    reader: Reader, assignment: Assignment, now: datetime, tried: Tried | None, *, waits: bool, proposes: bool
) -> dict[Action, BoundForm]:
    """The forms of what may be done with an assignment, and the one that was just tried, so that nothing is lost.

    waits: it is the lead's, and others are not finished: a form that cannot succeed is not shown. proposes: what may be
    asked of the office is shown.
    """
    own = tried if tried and tried.assignment == assignment.assignment_id else None
    possible = (*actions(reader, assignment), *(requests(reader, assignment, now) if proposes else ()))
    possible = tuple(each for each in possible if not (waits and each in LAST))
    names = dict.fromkeys([*possible, *([Action(own.action)] if own else [])])
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
