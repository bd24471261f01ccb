"""What can go wrong with publications and drafts; each message names the value and the way out."""

from data.boundary_import import Refused


class NoSuchPublication(Refused):
    """There is no publication with this number."""


class NoSuchDraft(Refused):
    """There is no draft with this id: it was published, removed, or never sent."""


class Overtaken(Refused):
    """Somebody else published or withdrew boundaries, or works on the draft, in the meantime."""
