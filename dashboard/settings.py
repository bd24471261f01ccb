"""Every setting of the product in one typed class, read once from environment variables with the prefix ``ONEMAP_``."""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ONEMAP_"
ROOT = Path(__file__).parent.parent
REGIONS = ROOT / "data" / "regions"
ASSETS = ROOT / "assets"


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable, its value and the way out."""


class Settings(BaseSettings):
    """What an operator may choose. ``ONEMAP_PORT=9000`` sets `port`.

    Attributes
    ----------
    database_url
        SQLAlchemy URL: ``sqlite:///<path>`` (relative to the working directory) or ``postgresql+psycopg://user:password@host/name``.
    region
        Name of a region pack that comes with the product, or the path of a folder with one.
    index_folder
        Where the indexes of the boundaries are kept between starts; empty: beside the database, see `indexes`.
    host, port
        Where the server listens; port 0 takes any free one.
    language
        Language of a first visit: ``zh`` or ``en``.
    log_level
        How much the server tells on standard error.
    log_format
        ``human``: a line for people; ``json``: an object a line, for programs that collect logs.
    slow_query_ms
        From how many milliseconds on a statement is logged and counted as slow.
    metrics_key
        Key with which a program may read ``/metrics``; empty: no program may.
    disk_free_mb
        Free space below which the process says that it is not ready, in MB.
    drain_seconds
        How long a process that was told to end (SIGTERM) goes on answering, so that a proxy sees in time that it is not
        ready any more.
    build
        Name of the installed code in the build id that pages compare after a reconnect; a page that meets another one
        reloads itself. Empty: a fingerprint of the code. The boundaries' own fingerprint is added to it.
    poll_ms
        How often a process looks for what others have committed, in milliseconds. Its own commits it knows at once,
        and with PostgreSQL those of others, too: this is the net beneath.
    heartbeat_seconds
        Longest silence on a live stream, in seconds; shorter than the idle limit of any proxy on the way.
    stream_memory
        How many deltas a process keeps for clients that come back; a client further behind is sent everything anew.
    body_limit_bytes
        Largest request body, in bytes.
    boundary_limit_bytes
        Largest boundary file that the page of boundaries takes, in bytes.
    page_limit
        Most rows that one request for a list may ask for.
    webhook_url, webhook_secret
        Where notices are sent besides the inboxes, and the secret that signs them (Standard Webhooks, ``whsec_…``).
        Without an address nothing leaves the machine.
    webhook_networks
        Networks inside which the webhook may lie, such as ``10.20.0.0/16``; else its address is public.
    rate_key, rate_address
        How many requests a second one key, session or wall may send, and one address without signing in; 0: any number.
    rate_burst_seconds, rate_processes
        How many seconds' worth of requests may come at once; how many web processes share these limits.
    pack_folder
        Folder where the daily packs of map sheets are kept, relative to the working directory.
    export_folder, export_days
        Folder where big exports are kept, and for how many days after they ended; several processes share it.
    access
        Who may come in: ``auto``: whoever sits at this machine until there is an account, then who signs in; ``open``:
        nobody has to sign in; ``accounts``: who signs in, from the start.
    open_to_network
        Whether other machines may come in, too, while nobody has to sign in.
    session_idle_minutes, session_hours
        How long a session lives without its holder doing anything, and at most.
    public_url
        Address under which browsers know the server, where a proxy stands before it, such as ``https://map.example``.
    oidc_issuer, oidc_client_id, oidc_client_secret, oidc_scopes, oidc_name
        Identity provider (OpenID Connect): its address, who we are to it, what is asked of it, what the button says.
        Without an address nobody signs in that way.
    oidc_claim, oidc_roles
        Which claim says what somebody may do, and what its values mean: ``value=role scope; …``.
    notify_seconds
        How often new events and late clocks are looked for, to make notices of them, in seconds.
    lease_seconds
        How long notices and the daily pack stay with a process that gives no sign any more, before another one takes
        them over.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database_url: str = Field(default="sqlite:///var/onemap.db", min_length=1, description="Where cases are kept.")
    region: str = Field(default="cixi", min_length=1, description="Region pack: a name or a folder.")
    index_folder: str = Field(default="", description="Where indexes of the boundaries are kept between starts.")
    # Closed until there is an account: whoever opens it to other machines does so knowingly.
    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(default=8050, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    language: Literal["zh", "en"] = Field(default="zh", description="Language of a first visit.")
    log_level: Literal["critical", "error", "warning", "info", "debug"] = Field(
        default="warning", description="How much the server tells."
    )
    log_format: Literal["human", "json"] = Field(default="human", description="Lines for people, or JSON.")
    slow_query_ms: int = Field(default=500, ge=1, le=600_000, description="From when on a statement is slow, ms.")
    metrics_key: SecretStr = Field(default=SecretStr(""), description="Key that opens /metrics; empty: none does.")
    disk_free_mb: int = Field(default=100, ge=0, le=10_000_000, description="Space below which it is not ready, MB.")
    drain_seconds: float = Field(default=1, ge=0, le=600, description="Answering goes on so long after SIGTERM, s.")
    build: str = Field(default="", description="Name of the code; empty for a fingerprint of it.")
    poll_ms: int = Field(default=200, ge=10, le=60_000, description="Interval of looking for foreign commits, ms.")
    heartbeat_seconds: float = Field(default=15, gt=0, le=3600, description="Longest silence on a stream, s.")
    stream_memory: int = Field(default=1000, ge=1, le=1_000_000, description="Deltas kept for returning clients.")
    body_limit_bytes: int = Field(default=1_048_576, ge=1024, description="Largest request body, bytes.")
    boundary_limit_bytes: int = Field(default=104_857_600, ge=1024, description="Largest boundary file, bytes.")
    page_limit: int = Field(default=500, ge=1, le=10_000, description="Most rows of one list request.")
    webhook_url: str = Field(default="", description="Where notices are sent; empty sends nothing.")
    webhook_secret: SecretStr = Field(default=SecretStr(""), description="Secret that signs what is sent.")
    webhook_networks: str = Field(default="", description="Networks inside which the webhook may lie.")
    rate_key: float = Field(default=300, ge=0, description="Requests a second of one key or session; 0: any number.")
    rate_address: float = Field(default=30, ge=0, description="The same of an address without signing in.")
    rate_burst_seconds: float = Field(
        default=10, gt=0, le=3600, description="How many seconds' worth may come at once."
    )
    rate_processes: int = Field(default=1, ge=1, le=1000, description="Web processes that share these limits.")
    pack_folder: str = Field(default="var/packs", min_length=1, description="Where daily packs are kept.")
    export_folder: str = Field(default="var/exports", min_length=1, description="Where exports are kept.")
    export_days: int = Field(default=7, ge=1, le=3650, description="Days that an export is kept.")
    access: Literal["auto", "open", "accounts"] = Field(default="auto", description="Who may come in.")
    open_to_network: bool = Field(default=False, description="Other machines, too, while nobody has to sign in.")
    session_idle_minutes: int = Field(default=120, ge=1, le=10_080, description="Longest idleness of a session, min.")
    session_hours: int = Field(default=12, ge=1, le=720, description="Longest life of a session, h.")
    public_url: str = Field(default="", pattern=r"^(https?://[^/]+)?$", description="Address that browsers know.")
    oidc_issuer: str = Field(default="", description="Identity provider; empty: none.")
    oidc_client_id: str = Field(default="", description="Who we are to the identity provider.")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="Our secret there.")
    oidc_scopes: str = Field(default="openid profile", description="What is asked of the identity provider.")
    oidc_name: str = Field(default="", description="What people call the identity provider.")
    oidc_claim: str = Field(default="groups", description="Claim that says what somebody may do.")
    oidc_roles: str = Field(default="", description="What its values mean.")
    notify_seconds: float = Field(default=5, gt=0, le=3600, description="Interval of looking for what to tell, s.")
    lease_seconds: float = Field(default=10, ge=0.5, le=3600, description="Silence after which work is taken over, s.")

    def region_folder(self) -> Path:
        """Find the folder of the region pack; raises SettingsError where there is none."""
        for folder in (REGIONS / self.region, Path(self.region)):
            if (folder / "region.toml").is_file():
                return folder
        known = ", ".join(sorted(path.parent.name for path in REGIONS.glob("*/region.toml"))) or "none"
        raise SettingsError(
            f"{PREFIX}REGION is {self.region!r}: there is neither a region pack of that name ({known} are known) "
            f"nor a folder of that path with a region.toml. `python -m dashboard region new` makes one."
        )

    def indexes(self) -> Path:
        """Give the folder of the indexes: ``indexes`` beside a SQLite file, ``var/indexes`` with any other database."""
        if self.index_folder:
            return Path(self.index_folder)
        kind, _, file = self.database_url.partition("?")[0].partition(":///")
        beside = kind.startswith("sqlite") and file and not file.startswith(":memory:")
        return (Path(file).parent if beside else Path("var")) / "indexes"


def unknown_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Find variables with our prefix that are no setting, each with the name that was probably meant, or with ""."""
    # Compared without the prefix, which would make every name look like every other.
    known = [name.upper() for name in Settings.model_fields]
    strangers = {name: name.upper().removeprefix(PREFIX) for name in environment if name.upper().startswith(PREFIX)}
    near = {name: get_close_matches(rest, known, n=1) for name, rest in sorted(strangers.items()) if rest not in known}
    return {name: PREFIX + found[0] if found else "" for name, found in near.items()}
