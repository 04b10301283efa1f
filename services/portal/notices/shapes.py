"""Documents as the API takes and gives them."""

from pydantic import BaseModel, Field

from contracts.commands.notice import DraftNotice, VoidNotice
from contracts.delivery import Delivery
from contracts.notice import Notice
from services.portal.web.bodies import NEXT, Body


class NewNotice(Body, of=DraftNotice):
    """A document about assignments; with `sign`, signed and numbered in the same step. R10"""


class Voiding(Body, of=VoidNotice, address=("notice_id",)):
    """Why a draft is withdrawn, or a number void."""


class Notices(BaseModel):
    """One page of documents."""

    items: list[Notice] = Field(description="Latest first.")
    next_cursor: str | None = NEXT


class Deliveries(BaseModel):
    """One page of deliveries."""

    items: list[Delivery] = Field(description="Latest first.")
    next_cursor: str | None = NEXT
