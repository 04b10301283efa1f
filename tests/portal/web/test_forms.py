"""A form is declared once: what it asks for stands beside the command, every limit stands with the command alone."""

import pytest
from starlette.datastructures import FormData

from contracts.commands.assignment import Close, Report
from contracts.commands.task import RegisterTask
from contracts.envelope import Actor, ActorRole
from contracts.refusals import Refused
from contracts.terms import Grade
from services.portal.notices.page import VOID
from services.portal.refusals import upload
from services.portal.task.forms import FORMS, TASK_FORMS
from services.portal.task.registration_page import FORM as REGISTRATION
from services.portal.web.forms import Form
from services.portal.web.problems import errors_of, invalid, together
from tests.story.province import GAOPING

ALL = [*FORMS.values(), *TASK_FORMS.values(), VOID, REGISTRATION]
ACTOR = Actor(person="zhang", unit=GAOPING, roles=(ActorRole.UNIT_HEAD,))
ASSIGNMENT = "6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11"


def filled(**texts: str) -> FormData:
    return FormData(list(texts.items()))


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.command.__name__)
def test_a_field_is_required_where_its_command_says_so(form: Form):
    for each in form.bind():
        info = form.command.model_fields.get(each.asked.of or each.asked.name)
        assert each.required == bool(info and info.is_required()), each.asked.name


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.command.__name__)
def test_every_text_a_command_requires_is_asked_for(form: Form):
    asked = {each.name for each in form.fields} | set(form.beside)
    fixed = {"actor", "task_id", "assignment_id", "notice_id", "approved"}
    missing = {name for name, info in form.command.model_fields.items() if info.is_required()} - asked - fixed
    assert missing == set()


def test_all_errors_come_at_once_each_with_its_label():
    refused = FORMS["report"].read(filled(percent="150", text="好"), actor=ACTOR, assignment_id=ASSIGNMENT)
    assert isinstance(refused, Refused) and refused.message == "有 2 处需要改正"
    assert errors_of(refused) == [("/percent", "累计完成：不能大于 100"), ("/text", "情况说明：至少 5 个字符")]


def test_one_error_alone_is_the_message():
    refused = FORMS["report"].read(filled(percent="50"), actor=ACTOR, assignment_id=ASSIGNMENT)
    assert (refused.pointer, refused.message) == ("/text", "情况说明：没有填写，请补充")


def test_what_is_inside_a_part_of_the_page_is_named_by_its_place():
    plan = [{"name": "开工", "due": "x", "weight": 1}, {"name": "完工", "due": "2027-01-01", "weight": "y"}]
    errors = dict(errors_of(REGISTRATION.read(filled(title="危旧房改造"), actor=ACTOR, milestones=plan)))
    assert errors["/milestones/0/due"].startswith("时间节点第1项日期：") and errors["/parts"].startswith("承办单位：")
    assert errors["/milestones/1/weight"] == "时间节点第2项分值：请填整数"


def test_what_was_typed_stands_in_the_field_again_with_what_is_wrong():
    typed = filled(percent="150", text="好")
    refused = FORMS["report"].read(typed, actor=ACTOR, assignment_id=ASSIGNMENT)
    bound = FORMS["report"].bind("r-", typed, refused)
    assert (bound["text"].value, bound["text"].error) == ("好", "情况说明：至少 5 个字符")
    assert bound["text"].described == "r-text-error" and bound.errors[0] == ("r-percent", "累计完成：不能大于 100")


def test_an_empty_form_shows_the_default_of_the_command():
    assert FORMS["close"].bind()["grade"].value == Grade.GOOD == Close.model_fields["grade"].default
    assert REGISTRATION.bind()["weight"].value == RegisterTask.model_fields["weight"].default


def test_what_a_form_does_not_ask_for_does_not_reach_the_command():
    sent = filled(text="已开工六十户，进展顺利", actor="somebody", expected_version="9", assignment_id="else")
    command = FORMS["report"].read(sent, actor=ACTOR, assignment_id=ASSIGNMENT)
    assert isinstance(command, Report) and command.actor == ACTOR and command.expected_version is None


def test_an_error_of_no_field_on_the_page_is_told_without_a_link():
    assert FORMS["verify"].bind(refusal=invalid([("/assignment_id", "没有这个交办事项")])).errors == [
        ("", "没有这个交办事项")
    ]


def test_two_refusals_of_one_field_are_told_once():
    both = together(upload("“a.exe”不是可接收的格式"), invalid([("/evidence", "至少 1 项"), ("/text", "太短")]))
    assert errors_of(both) == [("/evidence", "“a.exe”不是可接收的格式"), ("/text", "太短")]
