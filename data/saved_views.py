"""Views that people keep: the address of a page with its filters, under a name, for a body or a person."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from data import tables
from data.engine import reading, writing

LONGEST_NAME = 60
LONGEST_QUERY = 2000
MOST_VIEWS = 200
PATHS = ("/", "/cases")
"""The pages whose view stands in their address and can be kept."""


class ViewError(ValueError):
    """A view that cannot be kept, or is not there."""


class BadView(ViewError):
    """A name, a page or a query that no view can have."""


class NoSuchView(ViewError):
    """The owner has no view with this number."""


class ViewNameTaken(ViewError):
    """The owner has another view of this name."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A kept view.

    Attributes
    ----------
    owner
        A body as in the inbox (``command``, ``township:<code>``, ...) or a person's account.
    path, query
        The page, and the query string without its question mark.
    """

    id: int
    owner: str
    name: str
    path: str
    query: str
    saved_at: datetime


def views_of(engine: Engine, owner: str) -> tuple[SavedView, ...]:
    """Give the views of an owner by name."""
    table = tables.saved_views
    with reading(engine) as connection:
        rows = connection.execute(select(table).where(table.c.owner == owner).order_by(table.c.name, table.c.id))
        return tuple(SavedView(*row) for row in rows)


def save_view(engine: Engine, owner: str, name: str, path: str, query: str, now: datetime) -> SavedView:
    """Keep a view under a new name.

    Raises
    ------
    BadView
        The name is empty or longer than 60 characters, the page has no views, the query is none.
    ViewNameTaken
        The owner has a view of this name; rename or delete that one, or take another name.
    """
    name = checked_name(name)
    if path not in PATHS:
        raise BadView(f"{path[:60]!r} has no views to keep; those that have are {' and '.join(PATHS)}.")
    check_query(query)
    if len(views_of(engine, owner)) >= MOST_VIEWS:
        raise BadView(f"{owner} keeps {MOST_VIEWS} views already; delete one that nobody needs.")
    values = {"owner": owner, "name": name, "path": path, "query": query, "saved_at": now}
    try:
        with writing(engine) as connection:
            made = connection.execute(insert(tables.saved_views).values(values).returning(tables.saved_views.c.id))
            return SavedView(made.scalar_one(), owner, name, path, query, now)
    except IntegrityError as error:
        raise taken(owner, name) from error


def rename_view(engine: Engine, owner: str, number: int, name: str) -> SavedView:
    """Give a view another name; raises BadView, ViewNameTaken or NoSuchView."""
    name = checked_name(name)
    table = tables.saved_views
    meant = (table.c.id == number, table.c.owner == owner)
    try:
        with writing(engine) as connection:
            row = connection.execute(update(table).where(*meant).values(name=name).returning(*table.c)).one_or_none()
    except IntegrityError as error:
        raise taken(owner, name) from error
    if row is None:
        raise missing(owner, number)
    return SavedView(*row)


def delete_view(engine: Engine, owner: str, number: int) -> None:
    """Forget a view; raises NoSuchView. Links that others have to it go on working: a view is only an address."""
    table = tables.saved_views
    with writing(engine) as connection:
        gone = connection.execute(
            delete(table).where(table.c.id == number, table.c.owner == owner).returning(table.c.id)
        )
        if gone.one_or_none() is None:
            raise missing(owner, number)


def checked_name(name: str) -> str:
    """Give a name without the blanks around it; raises BadView."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadView(f"The name has {len(name)} characters ({name[:40]!r}); give 1 to {LONGEST_NAME}.")
    return name


def check_query(query: str) -> None:
    """Refuse what is no query string of a page; raises BadView."""
    if len(query) > LONGEST_QUERY:
        raise BadView(f"The query has {len(query)} characters; the limit is {LONGEST_QUERY}.")
    try:
        if query:
            parse_qs(query, strict_parsing=True, errors="strict")
    except ValueError as error:
        raise BadView(
            f"{query[:80]!r} is no query string ({error}); send what stands behind the ? of the page."
        ) from error


def taken(owner: str, name: str) -> ViewNameTaken:
    """Say that a name is in use."""
    return ViewNameTaken(f"{owner} has a view {name!r} already; take another name, or rename or delete that one.")


def missing(owner: str, number: int) -> NoSuchView:
    """Say that a view is not there."""
    return NoSuchView(f"{owner} has no view number {number}; GET /api/v1/views lists those that there are.")
