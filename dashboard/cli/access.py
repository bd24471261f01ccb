"""`user`, `kiosk` and `key`: the first account, and what an administrator does at the page of accounts."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from dashboard.auth.managing import Managing
from dashboard.auth.passwords import Passwords
from dashboard.auth.roles import BY_ACCOUNT
from dashboard.cli.opening import opened
from dashboard.notifying import directory_of
from dashboard.settings import Settings, SettingsError
from data import accounts, publishing
from data.accounts import AccessError, By
from data.engine import UnknownDatabase
from data.region import RegionError

Region = Annotated[str | None, typer.Option(help="Region pack: a name or a folder.  [ONEMAP_REGION]")]
Database = Annotated[str | None, typer.Option(help="Where cases are kept.  [ONEMAP_DATABASE_URL]")]
user = typer.Typer(no_args_is_help=True, help="Accounts of people.")
kiosk = typer.Typer(no_args_is_help=True, help="Tokens with which walls come in.")
key = typer.Typer(no_args_is_help=True, help="Keys with which sources report.")


@contextmanager
def managing(region: str | None, database_url: str | None) -> Iterator[tuple[Managing, Settings]]:
    """Open what is changed, and end with a sentence when it cannot be."""
    options = {"region": region, "database_url": database_url}
    try:
        settings = Settings(**{name: value for name, value in options.items() if value is not None})
        with opened(settings) as engine:
            codes = directory_of(publishing.load(settings.region_folder(), engine, settings.indexes()))
            yield Managing(engine, codes, Passwords(), lambda: datetime.now(UTC)), settings
    except (SettingsError, RegionError, UnknownDatabase, AccessError, ValidationError, SQLAlchemyError) as error:
        Console(stderr=True, highlight=False).print(
            str(getattr(error, "orig", None) or error), soft_wrap=True, markup=False
        )
        sys.exit(1)


def operator() -> By:
    """Say who sits at the command line, as the system knows them."""
    try:
        return By("command line", getpass.getuser())
    except (KeyError, OSError):
        return By("command line")


def told(first: str, then: str) -> None:
    """Print a secret alone on its line of standard output, and what it is on standard error."""
    Console(stderr=True, highlight=False).print(first, soft_wrap=True, markup=False)
    if then:
        typer.echo(then)


@user.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="What is typed at sign-in.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(BY_ACCOUNT)}.")] = "administrator",
    scope: Annotated[str, typer.Option(help="township:<code>, department:<code> or unit:<code>.")] = "",
    display: Annotated[str, typer.Option(help="What people call them.")] = "",
    region: Region = None,
    database_url: Database = None,
) -> None:
    """Make an account. Its first password is printed this once; the first one ends the time without sign-in."""
    with managing(region, database_url) as (manager, settings):
        is_first = not accounts.standing(manager.engine).has_accounts
        account, first = manager.add(name, display, role, scope, operator())
        where = f", {account.scope}" if account.scope else ""
        told(f"{account.name} ({account.role}{where}); the first password, to be changed at sign-in:", first)
        if is_first and settings.access == "auto":
            told("From now on everybody has to sign in at this database's servers.", "")


@user.command("list")
def list_users(region: Region = None, database_url: Database = None) -> None:
    """List all accounts."""
    with managing(region, database_url) as (manager, _):
        table = Table("account", "name", "role", "scope", "state", "made")
        for one in accounts.everybody(manager.engine):
            state = "disabled" if one.disabled_at else "first password" if one.must_change else "active"
            made = f"{one.created_at:%Y-%m-%d} by {one.created_by}"
            table.add_row(one.name, one.display, one.role, one.scope, state, made)
        Console().print(table)


@user.command("reset")
def reset_user(name: str, region: Region = None, database_url: Database = None) -> None:
    """Give an account a first password again; its sessions end, and its failures are forgotten."""
    with managing(region, database_url) as (manager, _):
        account, first = manager.reset(name, operator())
        told(f"{account.name}: the first password, to be changed at sign-in:", first)


@user.command("disable")
def disable_user(
    name: str,
    enable: Annotated[bool, typer.Option("--enable", help="Let it in again instead.")] = False,
    region: Region = None,
    database_url: Database = None,
) -> None:
    """Shut an account out, at once."""
    with managing(region, database_url) as (manager, _):
        account = manager.disable(name, operator(), enable=enable)
        told(f"{account.name} is {'active' if account.is_active else 'disabled'}.", "")


@kiosk.command("add")
def add_kiosk(
    name: Annotated[str, typer.Argument(help="Where the wall hangs.")],
    region: Region = None,
    database_url: Database = None,
) -> None:
    """Make a token for a wall. The address to open there is printed this once."""
    with managing(region, database_url) as (manager, settings):
        token, secret = manager.add_kiosk(name, operator())
        base = settings.public_url or f"http://{settings.host}:{settings.port}"
        told(f"{token.id}: {token.name}. Open this on the wall, once:", f"{base}/wall?kiosk={secret}")


@kiosk.command("list")
def list_kiosks(region: Region = None, database_url: Database = None) -> None:
    """List all kiosk tokens."""
    listed("kiosk", region, database_url)


@kiosk.command("revoke")
def revoke_kiosk(number: int, region: Region = None, database_url: Database = None) -> None:
    """Take a kiosk token back; a wall that uses it says so within seconds."""
    revoked("kiosk", number, region, database_url)


@key.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Which system reports.")],
    source: Annotated[str, typer.Option(help="Code of the source for which it reports.")],
    region: Region = None,
    database_url: Database = None,
) -> None:
    """Make a key for a source. It is printed this once; send it as Authorization: Bearer <key>."""
    with managing(region, database_url) as (manager, _):
        token, secret = manager.add_key(name, source, operator())
        told(f"{token.id}: {token.name}, reports for {token.source}. The key:", secret)


@key.command("list")
def list_keys(region: Region = None, database_url: Database = None) -> None:
    """List all keys."""
    listed("key", region, database_url)


@key.command("revoke")
def revoke_key(number: int, region: Region = None, database_url: Database = None) -> None:
    """Take a key back."""
    revoked("key", number, region, database_url)


def listed(kind: str, region: str | None, database_url: str | None) -> None:
    """Print the tokens of a kind."""
    with managing(region, database_url) as (manager, _):
        table = Table("id", "name", "source", "last used", "state", "made")
        for one in accounts.tokens(manager.engine, kind):
            seen = f"{one.seen_at:%Y-%m-%d %H:%M}" if one.seen_at else ""
            state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "active"
            made = f"{one.created_at:%Y-%m-%d} by {one.created_by}"
            table.add_row(str(one.id), one.name, one.source or "", seen, state, made)
        Console().print(table)


def revoked(kind: str, number: int, region: str | None, database_url: str | None) -> None:
    """Take a token back and say so."""
    with managing(region, database_url) as (manager, _):
        told(f"{manager.revoke(kind, number, operator()).name} is revoked.", "")
