"""Coming in and going out: passwords tried with waiting times, sessions begun and ended, first passwords changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from dashboard.auth.door import Door, of_account
from dashboard.auth.errors import Locked, WrongPassword
from dashboard.auth.identity import Identity
from dashboard.auth.passwords import LONGEST, SHORTEST, Passwords, complaint, new_token, token_hash
from dashboard.auth.record import What
from dashboard.settings import Settings
from data import accounts
from data.accounts import Account, BadAccount, By, Entry

FREE_OF_ACCOUNT, FREE_OF_ADDRESS = 5, 20
"""So many failures cost nothing: people mistype. An office behind one address has more of them."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
LONGEST_NAME = 64
SAID = {
    "short": f"It has fewer than {SHORTEST} characters.",
    "long": f"It has more than {LONGEST} characters.",
    "common": "It is one of those that everybody tries first; take several words that do not belong together.",
    "name": "It contains the name of the account.",
    "same": "It is the password that was to be changed.",
}


def waits(subject: str, failures: int) -> timedelta:
    """Say how long after the last of so many failures the next attempt has to wait: 30 s, doubled up to 15 minutes."""
    free = FREE_OF_ACCOUNT if subject.startswith("account:") else FREE_OF_ADDRESS
    if failures < free:
        return timedelta(0)
    return min(FIRST_WAIT * 2 ** min(failures - free, 10), LONGEST_WAIT)


@dataclass(frozen=True)
class Reception:
    """Lets people in and out; threads share it."""

    engine: Engine
    door: Door
    settings: Settings
    now: Callable[[], datetime]
    passwords: Passwords

    def sign_in(self, name: str, password: str, address: str, replaced: str = "") -> tuple[str, Identity]:
        """Let somebody in who gives the right password; gives the token of the new session, and who it is.

        An attempt counts before the password is looked at, so guesses sent all at once are counted, too.

        Parameters
        ----------
        replaced
            Token of the session that the browser has had until now: it ends.

        Raises
        ------
        WrongPassword
            Also where there is no such account, or a disabled one: nothing tells them apart, nor how long it takes.
        Locked
        """
        typed = plain(name)
        subjects = (f"account:{typed}", f"address:{address}")
        by = By(typed, address)
        wait = accounts.begin(self.engine, subjects, waits, self.now())
        if wait:
            accounts.note(self.engine, Entry(What.LOCKED, by), self.now())
            raise Locked(wait)
        found = accounts.find(self.engine, typed)
        kept = found.password if found is not None and found.is_active else None
        if not self.passwords.fits(kept, password[: LONGEST + 1]) or found is None:
            accounts.note(self.engine, Entry(What.SIGN_IN_FAILED, by), self.now())
            raise WrongPassword("Name or password is wrong.")
        accounts.clear(self.engine, *subjects)
        return self.begin(found, address, replaced, What.SIGNED_IN)

    def begin(self, account: Account, address: str, replaced: str, what: What) -> tuple[str, Identity]:
        """Begin a session under a new token, whatever token the browser had before."""
        token, now = new_token(), self.now()
        hashed, ends_at = token_hash(token), now + timedelta(hours=self.settings.session_hours)
        entry = Entry(what, By(account.name, address))
        old = token_hash(replaced) if replaced else None
        accounts.open_session(self.engine, account, hashed, ends_at, entry, now, old)
        self.door.moved()
        return token, replace(of_account(account, hashed, ends_at), address=address)

    def change_password(self, who: Identity, before: str, after: str) -> tuple[str, Identity]:
        """Give somebody a password of their own; their other sessions end, and this one gets a new token.

        Raises
        ------
        WrongPassword
            The one before is not right; it counts like a failure to sign in.
        Locked
        BadAccount
            The new one cannot be used.
        """
        subjects = (f"account:{who.account}", f"address:{who.address}")
        wait = accounts.begin(self.engine, subjects, waits, self.now())
        if wait:
            raise Locked(wait)
        found = accounts.find(self.engine, who.account)
        if found is None or not self.passwords.fits(found.password, before[: LONGEST + 1]):
            accounts.note(self.engine, Entry(What.SIGN_IN_FAILED, By(who.account, who.address)), self.now())
            raise WrongPassword("The password until now is wrong.")
        accounts.clear(self.engine, *subjects)
        check_password(after, who.account, before)
        values = {"password": self.passwords.hash(after), "must_change": False}
        entry = Entry(What.PASSWORD_CHANGED, By(who.account, who.address), who.account)
        changed = accounts.change(self.engine, who.account, values, entry, self.now())
        return self.begin(changed, who.address, "", What.SIGNED_IN)

    def sign_out(self, who: Identity) -> None:
        """End the session."""
        entry = Entry(What.SIGNED_OUT, By(who.account, who.address))
        accounts.sign_out(self.engine, who.token_hash, entry, self.now())
        self.door.moved()

    def sign_out_everywhere(self, who: Identity) -> int:
        """End every session of whoever asks; gives how many there were."""
        found = accounts.find(self.engine, who.account)
        if found is None:
            return 0
        entry = Entry(What.SIGNED_OUT_EVERYWHERE, By(who.account, who.address))
        ended = accounts.close_all(self.engine, found.id, entry, self.now())
        self.door.moved()
        return ended


def plain(name: str) -> str:
    """Give a name as it is compared: in lower case, without blanks around it, as long as a name can be."""
    return name.strip().casefold()[:LONGEST_NAME]


def check_password(password: str, name: str, before: str = "") -> None:
    """Refuse a password that cannot be used; raises BadAccount."""
    wrong = complaint(password, name, before)
    if wrong:
        raise BadAccount(f"This password cannot be used. {SAID[wrong]}")
