"""Who may come in, kept: accounts, sessions, tokens of walls and sources, failed attempts, and what everybody did.

Every change of a right moves the counter `access` in its own transaction, by which other processes see that what they
remember is old, and leaves its row in the audit.
"""

from data.accounts.attempts import begin, clear
from data.accounts.audit import MOST, By, Entries, Entry, Noted, day_span, entries, note
from data.accounts.errors import AccessError, BadAccount, LastAdministrator, NameTaken, NoSuchAccount, NoSuchToken
from data.accounts.people import Account, NewAccount, Standing, add, change, everybody, find, standing
from data.accounts.sessions import Session, close, close_all, open_session, session, sign_out, touch
from data.accounts.tokens import Token, add_token, revoke, token, tokens, touch_token

__all__ = [
    "MOST",
    "AccessError",
    "Account",
    "BadAccount",
    "By",
    "Entries",
    "Entry",
    "LastAdministrator",
    "NameTaken",
    "NewAccount",
    "NoSuchAccount",
    "NoSuchToken",
    "Noted",
    "Session",
    "Standing",
    "Token",
    "add",
    "add_token",
    "begin",
    "change",
    "clear",
    "close",
    "close_all",
    "day_span",
    "entries",
    "everybody",
    "find",
    "note",
    "open_session",
    "revoke",
    "session",
    "sign_out",
    "standing",
    "token",
    "tokens",
    "touch",
    "touch_token",
]
