"""The lists as they are published: of the pack and of the database; imported from files, published from a day on."""

from data.lists.drafting import Draft, Wanted, draft
from data.lists.library import Library
from data.lists.routes import routes_table

__all__ = ["Draft", "Library", "Wanted", "draft", "routes_table"]
