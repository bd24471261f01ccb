"""Views that people keep: GET and POST /api/v1/views, PATCH and DELETE /api/v1/views/{id}."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from cases.organisation import COMMAND
from dashboard.api.given import Given, Json
from dashboard.api.inbox import WAYS
from dashboard.api.parse import STRICT, Code
from dashboard.auth import who
from dashboard.auth.scope import check_inbox, inbox_of
from dashboard.notifying import directory_of
from dashboard.services import Services
from data import saved_views
from data.saved_views import SavedView
from data.views import BadQuery

router = APIRouter(prefix="/views", tags=["views"])
MOST_ID = 2**63 - 1
Number = Annotated[int, Path(ge=1, le=MOST_ID)]
Owner = Annotated[Code, Query(description=f"Whose views: {WAYS}.")]


class ViewIn(BaseModel):
    """A view to keep."""

    model_config = STRICT

    owner: Code = Field(description=f"Whose it is: {WAYS}.")
    name: Code = Field(description="1 to 60 characters, one of its kind for the owner.")
    path: Code = Field(description="The page: `/` or `/cases`.")
    query: str = Field(max_length=4000, description="What stands behind the ? of the page; empty for no filter.")


class NameIn(BaseModel):
    """Another name."""

    model_config = STRICT

    name: Code = Field(description="1 to 60 characters.")


@router.get("")
def kept(services: Given, owner: Owner = "") -> Response:
    """Give the views that a body keeps, by name; without an owner one's own, or the command room's."""
    owner = owner or inbox_of(who()) or COMMAND
    found = saved_views.views_of(services.engine, known(services, owner))
    return Json({"owner": owner, "views": [view_out(one) for one in found]})


@router.post("", status_code=201)
def keep(services: Given, body: ViewIn) -> Response:
    """Keep a view under a name that the owner does not use yet: another one gives 409 `view_name_taken`."""
    owner = known(services, body.owner)
    made = saved_views.save_view(services.engine, owner, body.name, body.path, body.query, services.now())
    return Json(view_out(made), 201)


@router.patch("/{asked}")
def rename(services: Given, asked: Number, owner: Owner, body: NameIn) -> Response:
    """Give a view of an owner another name."""
    return Json(view_out(saved_views.rename_view(services.engine, known(services, owner), asked, body.name)))


@router.delete("/{asked}", status_code=204)
def forget(services: Given, asked: Number, owner: Owner) -> Response:
    """Forget a view of an owner. Its address goes on working for those who have it."""
    saved_views.delete_view(services.engine, known(services, owner), asked)
    return Response(status_code=204)


def known(services: Services, owner: str) -> str:
    """Give an owner that there is, and that one may act for; raises BadQuery, Forbidden."""
    if not directory_of(services.region).knows(owner):
        raise BadQuery(f"{owner!r:.80} keeps no views here; give {WAYS}, with a code that the region knows.")
    check_inbox(who(), owner)
    return owner


def view_out(one: SavedView) -> dict[str, Any]:
    """Write a view, with the address that shows it."""
    url = f"{one.path}?{one.query}" if one.query else one.path
    return {"id": one.id, "owner": one.owner, "name": one.name, "url": url, "path": one.path, "saved_at": one.saved_at}
