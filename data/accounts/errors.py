"""What may go wrong with accounts, each with a sentence that says the way out."""


class AccessError(Exception):
    """Something about accounts, keys or tokens cannot be done."""


class NoSuchAccount(AccessError):
    """There is no account of this name."""


class NameTaken(AccessError):
    """There is an account of this name already."""


class BadAccount(AccessError):
    """A name, role, scope or password cannot be used."""


class LastAdministrator(AccessError):
    """Nobody could manage accounts any more."""


class NoSuchToken(AccessError):
    """There is no kiosk token or key of this number, or it is revoked."""
