"""How far a due date may move, and until when a unit may ask: the numbers of §2, the same at request and decision."""

from datetime import datetime

from contracts.assignment import MOST_EXTENSIONS, PLAN_MONTHS, Assignment
from contracts.refusals import Refused
from contracts.workdays import ClockKind, day_of
from services.tasks.refusals import Code, refuse

RETURN_DAYS = 1
"""Working days after T0 in which a unit may ask for its return."""
ANSWERED_WITHIN = 2
"""Working days in which what was asked for is decided, what was submitted verified, what was verified written off."""
RETURN_ANSWERED_WITHIN = 1


def not_returnable(assignment: Assignment, now: datetime) -> Refused | None:
    """Once, and while the matter is new."""
    until = assignment.return_until
    if until is None:
        return refuse(Code.RETURN_ONCE, "退回只能申请一次，请继续办理，或与交办单位联系", "/assignment_id")
    if now > until:
        message = (
            f"退回须在交办后 {RETURN_DAYS} 个工作日内（{_day(until)} 前）申请，现已超过，请继续办理，或与交办单位联系"
        )
        return refuse(Code.RETURN_LATE, message, "/assignment_id")
    return None


def not_extendable(assignment: Assignment, due: datetime, now: datetime) -> Refused | None:
    """Asked for before it is due, at most twice, each no longer than the original term."""
    if assignment.due is None:
        message = "该事项没有办结时限，无须延期；确需规定日期的，请报送解决方案"
        return refuse(Code.NO_DUE, message, "/due")
    if assignment.due <= now:
        message = "延期须在到期之前提出，该事项已经到期，请报送解决方案，或继续办理"
        return refuse(Code.ALREADY_DUE, message, "/due")
    if assignment.extensions >= MOST_EXTENSIONS:
        message = f"最多延期 {MOST_EXTENSIONS} 次，该事项已延期 {assignment.extensions} 次，请报送解决方案，或按期办结"
        return refuse(Code.EXTENDED_ENOUGH, message, "/due")
    return not_granted(assignment, due, now)


def not_granted(assignment: Assignment, due: datetime, now: datetime) -> Refused | None:
    """The dates to which an extension may go."""
    if assignment.due and due <= max(assignment.due, now):
        message = f"延期后的时限须晚于现行时限 {_day(assignment.due)}，也不能早于今天"
        return refuse(Code.NOT_LATER, message, "/due")
    if assignment.extend_to and due > assignment.extend_to:
        message = f"每次延期不能超过原定期限的长度，最晚可到 {_day(assignment.extend_to)}"
        return refuse(Code.TERM_EXCEEDED, message, "/due")
    return None


def not_planned(assignment: Assignment, due: datetime, now: datetime) -> Refused | None:
    """The date of a resolution plan: never earlier, six months at most (X2)."""
    if due <= max(assignment.due or now, now):
        message = f"解决方案的时限须晚于 {_day(max(assignment.due or now, now))}"
        return refuse(Code.NOT_LATER, message, "/due")
    if assignment.plan_to and due > assignment.plan_to:
        message = f"解决方案最长 {PLAN_MONTHS} 个月，从原定时限算起，最晚可到 {_day(assignment.plan_to)}"
        return refuse(Code.TERM_EXCEEDED, message, "/due")
    return None


def not_reclassifiable(assignment: Assignment, now: datetime) -> Refused | None:
    """Only seven days become a month, and only while they run (R1)."""
    clock = assignment.resolving
    if clock.kind is not ClockKind.RESOLVE_7D:
        message = "只有按 7 日办结的一般事项可以转为重大事项，该事项的时限不按类别计算，请申请延期"
        return refuse(Code.NOT_SEVEN_DAYS, message, "/assignment_id")
    if clock.due and clock.due <= now:
        message = "转为重大事项须在 7 日期满之前决定，现已期满，请报送解决方案"
        return refuse(Code.ALREADY_DUE, message, "/assignment_id")
    return None


def _day(moment: datetime) -> str:
    return f"{day_of(moment):%Y-%m-%d}"
