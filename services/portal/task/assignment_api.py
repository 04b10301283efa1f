"""`/v1/assignments/{id}/…`: one assignment, its reports, and what may be done with it."""

import json
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Path, Response

from contracts.commands.assignment import (
    Acknowledge,
    AssignmentCommand,
    Close,
    Complete,
    CorrectReport,
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
from services.portal import refusals
from services.portal.feed import queries as feed
from services.portal.identity.reader import Reader
from services.portal.task import queries
from services.portal.task.reports import report_view
from services.portal.task.shapes import (
    Acknowledgement,
    AssignmentView,
    Closure,
    Completion,
    Correction,
    ExtensionRequest,
    NewReport,
    Reassignment,
    ReclassificationRequest,
    Reports,
    RequestDecision,
    ResolutionPlan,
    Return,
    ReturnRequest,
    assignment_view,
)
from services.portal.web import uploads
from services.portal.web.bodies import Body, Cursor, Granted, Limit, granted
from services.portal.web.caller import Changer, Changes, Here, Reads
from services.portal.web.dependencies import Portal
from services.portal.web.etags import SINGLE, Asked, single
from services.portal.web.problems import Refusal, done

router = APIRouter(tags=["assignments"])

AssignmentId = Annotated[UUID, Path(description="Of the assignment (承办件).")]

AT = "/v1/assignments/{assignment_id}"


@router.get(
    AT,
    operation_id="getAssignment",
    summary="One assignment (一个承办件)",
    responses=SINGLE,
    response_model=AssignmentView,
)
async def one(request: Asked, assignment_id: AssignmentId, portal: Here, reader: Reads) -> Response:
    """One unit's part in a task, as it stands; its ETag is what the actions below take as If-Match."""
    row = await seen(portal, reader, assignment_id)
    calendar = (await portal.reference()).calendar
    view = assignment_view(json.loads(row["body"]), row, datetime.now(UTC), calendar)
    return single(request, view, assignment_id, view.version)


@router.get(f"{AT}/reports", operation_id="listReports", summary="Reports of an assignment (报送记录)")
async def reports(
    assignment_id: AssignmentId, portal: Here, reader: Reads, limit: Limit = 50, cursor: Cursor = ""
) -> Reports:
    """What the unit reported and was accepted, completions included; one page, latest first."""
    task_id = (await seen(portal, reader, assignment_id))["task_id"]
    page = await feed.reports(portal.db, reader, task_id, assignment_id, limit, cursor)
    return Reports(items=[report_view(row) for row in page.rows], next_cursor=page.next or None)


@router.post(f"{AT}/acknowledge", operation_id="acknowledge", summary="Acknowledge (签收)")
async def acknowledge(assignment_id: AssignmentId, body: Acknowledgement, caller: Changes) -> Granted:
    """The unit has it: issued → acknowledged. By its clerk or head."""
    return await _act(caller, Acknowledge, assignment_id, body)


@router.post(f"{AT}/reports", status_code=201, operation_id="report", summary="Report (报送进展)")
async def report(assignment_id: AssignmentId, body: NewReport, caller: Changes) -> Granted:
    """Deployment or progress, by the unit's clerk or head; a completion goes to `/complete`."""
    return await _act(caller, Report, assignment_id, body)


@router.post(f"{AT}/correct", operation_id="correctReport", summary="Correct a percentage (更正进度)")
async def correct(assignment_id: AssignmentId, body: Correction, caller: Changes) -> Granted:
    """A figure that was typed wrongly: by the unit's head within 3 working days, later by the issuing office."""
    return await _act(caller, CorrectReport, assignment_id, body)


@router.post(f"{AT}/complete", operation_id="complete", summary="Report completion (报送办结)")
async def complete(assignment_id: AssignmentId, body: Completion, caller: Changes) -> Granted:
    """The unit's head says it is done, with at least one file of evidence: working → submitted."""
    return await _act(caller, Complete, assignment_id, body)


@router.post(f"{AT}/verify", operation_id="verify", summary="Verify (核验)")
async def verify(assignment_id: AssignmentId, caller: Changes) -> Granted:
    """A second person confirms, of the lead unit, or for the lead's own part of the office: submitted → verified."""
    return await _act(caller, Verify, assignment_id, None)


@router.post(f"{AT}/rework", operation_id="rework", summary="Send back (退回重办)")
async def rework(assignment_id: AssignmentId, body: Return, caller: Changes) -> Granted:
    """Back to work, with a reason; the due date stays."""
    return await _act(caller, Rework, assignment_id, body)


@router.post(f"{AT}/close", operation_id="close", summary="Write off (销号)")
async def close(assignment_id: AssignmentId, body: Closure, caller: Changes) -> Granted:
    """A third person, the office's supervisor, writes it off: verified → closed."""
    return await _act(caller, Close, assignment_id, body)


@router.post(f"{AT}/request-extension", operation_id="requestExtension", summary="Ask for a later date (申请延期)")
async def request_extension(assignment_id: AssignmentId, body: ExtensionRequest, caller: Changes) -> Granted:
    """By the unit's head or an inspector of the office, before the due date, to `extend_to` at the latest."""
    return await _act(caller, RequestExtension, assignment_id, body)


@router.post(f"{AT}/propose-plan", operation_id="proposePlan", summary="Propose a resolution plan (报送解决方案)")
async def propose_plan(assignment_id: AssignmentId, body: ResolutionPlan, caller: Changes) -> Granted:
    """What cannot be solved in time gets a plan with a date, `plan_to` at the latest; also after the due date."""
    return await _act(caller, ProposePlan, assignment_id, body)


@router.post(
    f"{AT}/request-reclassification",
    operation_id="requestReclassification",
    summary="Ask to be a major matter (申请转为重大事项)",
)
async def request_reclassification(
    assignment_id: AssignmentId, body: ReclassificationRequest, caller: Changes
) -> Granted:
    """A month in place of seven days, while these run."""
    return await _act(caller, RequestReclassification, assignment_id, body)


@router.post(f"{AT}/request-return", operation_id="requestReturn", summary="Ask for its return (申请退回)")
async def request_return(assignment_id: AssignmentId, body: ReturnRequest, caller: Changes) -> Granted:
    """The matter is another unit's: by the unit's head until `return_until`, once; its clocks run on."""
    return await _act(caller, RequestReturn, assignment_id, body)


@router.post(
    f"{AT}/propose-reassignment", operation_id="proposeReassignment", summary="Propose another unit (提出改派)"
)
async def propose_reassignment(assignment_id: AssignmentId, body: Reassignment, caller: Changes) -> Granted:
    """By an inspector of the issuing office; its head decides."""
    return await _act(caller, ProposeReassignment, assignment_id, body)


@router.post(f"{AT}/withdraw-request", operation_id="withdrawRequest", summary="Take a request back (撤回申请)")
async def withdraw_request(assignment_id: AssignmentId, caller: Changes) -> Granted:
    """By who asked, or the head of that unit, until it is decided."""
    return await _act(caller, WithdrawRequest, assignment_id, None)


@router.post(f"{AT}/decide-request", operation_id="decideRequest", summary="Decide a request (审批申请)")
async def decide_request(assignment_id: AssignmentId, body: RequestDecision, caller: Changes) -> Granted:
    """By the office's supervisor or leader, another person than asked; of a second extension, a leader."""
    return await _act(caller, DecideRequest, assignment_id, body)


async def seen(portal: Portal, reader: Reader, assignment_id: UUID) -> Record:
    """The row of an assignment. Raises Refusal."""
    row = await queries.assignment(portal.db, reader, assignment_id)
    if row is None:
        raise Refusal(refusals.not_found("没有这个承办件，或该令牌的单位无权查看"))
    return row


async def _act(caller: Changer, command: type[AssignmentCommand], assignment_id: UUID, body: Body | None) -> Granted:
    """Only on an assignment the reader may see, and only with files of its own unit."""
    portal, reader, fields = caller.portal, caller.reader, body.fields() if body else {}
    await seen(portal, reader, assignment_id)
    done(await uploads.not_uploaded(portal, reader, fields.get("evidence", ())))
    return granted(await caller.change(command, assignment_id, assignment_id=assignment_id, **fields))
