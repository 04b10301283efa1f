"""Forms: a command's fields as people are asked for them, read back into the command, shown again with every error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from contracts.envelope import Command, Done
from contracts.refusals import Refused
from contracts.values import TEXT
from services.portal.web.dependencies import Portal
from services.portal.web.i18n import gettext as _
from services.portal.web.labels import choices
from services.portal.web.problems import errors_of, invalid
from services.portal.web.validation import in_words

NOTHING_TYPED = FormData()


@dataclass(frozen=True)
class Field:
    """How one field is asked for; its limits, its default and whether it is required stand with the command.

    control: text, password, textarea, decimal, select, radios, checkboxes, file or files; else what the type asks for.
    of: the command's field that it fills, where that has another name.
    table: the labels of what can be chosen; or `options`, as (value, text). value: where nothing is typed yet.
    """

    name: str
    label: str
    hint: str = ""
    placeholder: str = ""
    control: str = ""
    table: str = ""
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    autocomplete: str = ""
    accept: str = ""
    datalist: str = ""
    of: str = ""
    wide: bool = False


@dataclass(frozen=True)
class BoundField:
    """One field on a page: what is typed into it, and what is wrong with that. kept: files of an earlier try."""

    asked: Field
    id: str
    control: str
    required: bool = False
    typed: Sequence[str] = ()
    error: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return _(self.asked.label)

    @property
    def hint(self) -> str:
        return _(self.asked.hint) if self.asked.hint else ""

    @property
    def value(self) -> str:
        return self.typed[0] if self.typed else ""

    @property
    def options(self) -> Sequence[tuple[str, str]]:
        return self.asked.options or choices(self.asked.table)

    @property
    def described(self) -> str:
        """The ids of the hint and the error, for those who do not see where they stand."""
        return " ".join(f"{self.id}-{part}" for part in ("hint", "error") if getattr(self, part))


@dataclass(frozen=True)
class BoundForm:
    """A form on a page. errors: all that is wrong, as (id of the field, or "" where the page has none; message)."""

    fields: Mapping[str, BoundField]
    errors: Sequence[tuple[str, str]] = ()

    def __iter__(self) -> Iterator[BoundField]:
        return iter(self.fields.values())

    def __getitem__(self, name: str) -> BoundField:
        return self.fields[name]

    def error(self, id: str) -> str:
        """What is wrong with a field that the page lays out itself."""
        return next((message for at, message in self.errors if at == id), "")

    @property
    def sends_files(self) -> bool:
        return any(each.control in ("file", "files") for each in self)

    @property
    def requires(self) -> bool:
        return any(each.required for each in self)


@dataclass(frozen=True)
class Form:
    """What people are asked for before a command. beside: labels of what the page lays out itself, by place."""

    command: type[BaseModel]
    fields: tuple[Field, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)

    def read(self, form: FormData, **fixed: Any) -> Any:
        """The command from what is filled in and what the page fixes; or Refused, with every field that is wrong."""
        asked = (each for each in self.fields if each.name in self.command.model_fields)
        filled: dict[str, Any] = {each.name: value for each in asked if (value := self._filled(each, form))}
        filled |= {"id": form["id"]} if form.get("id") else {}
        try:
            return self.command(**filled | fixed)
        except ValidationError as error:
            return invalid([(_pointer(each), self._in_words(each)) for each in error.errors()])

    def bind(
        self,
        prefix: str = "",
        typed: FormData = NOTHING_TYPED,
        refusal: Refused | None = None,
        kept: Mapping[str, str] | None = None,
    ) -> BoundForm:
        """The form on a page; `prefix` begins the ids of its fields, where a page has several forms."""
        wrong = errors_of(refusal) if refusal else []
        errors = [(self._id(prefix, pointer), message) for pointer, message in wrong]
        first = dict(reversed(errors))
        return BoundForm(
            {each.name: self._bound(each, prefix, typed, first, kept or {}) for each in self.fields}, errors
        )

    def asking(self, name: str, **changes: Any) -> "Form":
        """The same form, one field asked for in another way."""
        return replace(self, fields=tuple(replace(f, **changes) if f.name == name else f for f in self.fields))

    def without(self, name: str) -> "Form":
        """The same form, one field less."""
        return replace(self, fields=tuple(each for each in self.fields if each.name != name))

    def _bound(
        self, asked: Field, prefix: str, typed: FormData, errors: Mapping[str, str], kept: Mapping[str, str]
    ) -> BoundField:
        id, info = prefix + asked.name, self.command.model_fields.get(asked.of or asked.name)
        values = _texts(typed, asked.name)
        if not typed:
            default = info.get_default() if info and not info.is_required() else None
            values = [asked.value or str(default or "")]
        return BoundField(
            asked=asked,
            id=id,
            control=self._control(asked),
            required=info.is_required() if info else False,
            typed=values,
            error=errors.get(id, ""),
            kept=kept,
        )

    def _control(self, asked: Field) -> str:
        info = self.command.model_fields.get(asked.name)
        if asked.control or info is None:
            return asked.control or "text"
        return "select" if asked.table else "textarea" if TEXT in info.metadata else "text"

    def _filled(self, asked: Field, form: FormData) -> str | list[str] | None:
        texts = _texts(form, asked.name)
        return texts if asked.control == "checkboxes" else next(iter(texts), None)

    def _id(self, prefix: str, pointer: str) -> str:
        """The id of what a pointer names; empty where it is not on the page."""
        name, *inside = pointer.removeprefix("/").split("/")
        if name in self.beside:
            return prefix + "-".join([name, *inside])
        return prefix + name if any(each.name == name for each in self.fields) else ""

    def _in_words(self, error: ErrorDetails) -> str:
        """`时间节点第2项名称：至少 2 个字符`"""
        labels = {each.name: each.label for each in self.fields} | dict(self.beside)
        place = words = ""
        for part in error["loc"]:
            if isinstance(part, int):
                words += _("第%(n)s项") % {"n": part + 1}
            else:
                place = f"{place}/{part}".removeprefix("/")
                words += _(labels[place]) if place in labels else ""
        return "：".join(filter(None, (words, in_words(error))))


async def send(portal: Portal, command: Command | Refused) -> Done | Refused:
    """The answer to what was filled in; what could not be read goes nowhere."""
    return await portal.send(command) if isinstance(command, Command) else command


def back(target: str, what: str, answer: Done) -> Response:
    """To the page that shows what was done; `late` where the ledger does not have it yet."""
    late = "&late=1" if answer.detail.get("settled") is False else ""
    return RedirectResponse(f"{target}?done={what}{late}", 303)


def _texts(form: FormData, name: str) -> list[str]:
    return [each for each in form.getlist(name) if isinstance(each, str) and each.strip()]


def _pointer(error: ErrorDetails) -> str:
    return "".join(f"/{part}" for part in error["loc"])
