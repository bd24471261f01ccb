"""Where messages may go: no address inside a network unless the settings name it, and none that changes its mind.

A name is looked up once and what was looked at is what is connected to: else it could lead to a public address when it
is judged and to this machine when it is used (DNS rebinding). Source: OWASP, Server-Side Request Forgery Prevention.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any

import httpx

from dashboard.settings import PREFIX, Settings, SettingsError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses of the old kind in those of the new one (RFC 6052), which a router turns back."""

SPECIAL = ipaddress.IPv4Network("192.0.0.0/24")
"""Assigned to protocols (RFC 6890); some versions of Python take a part of it for public."""


def networks_of(settings: Settings) -> tuple[Network, ...]:
    """Read the networks that are allowed besides public addresses; raises SettingsError."""
    named = [one.strip() for one in settings.webhook_networks.replace(";", ",").split(",") if one.strip()]
    try:
        return tuple(ipaddress.ip_network(one) for one in named)
    except ValueError as error:
        raise SettingsError(
            f"{PREFIX}WEBHOOK_NETWORKS is {settings.webhook_networks!r}: {error}; give networks such as 10.20.0.0/16."
        ) from None


def may_reach(address: Address, networks: Sequence[Network]) -> bool:
    """Say whether a message may go to an address: a public one, or one in the networks named."""
    meant = inner(address)
    if any(meant in network for network in networks):
        return True
    return meant.is_global and not meant.is_multicast and meant not in SPECIAL


def inner(address: Address) -> Address:
    """Give the address of the old kind that one of the new kind stands for."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in TRANSLATED:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def check_literal(host: str, networks: Sequence[Network]) -> None:
    """Refuse an address that is written in numbers and may not be reached, at the start; raises SettingsError."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if not may_reach(address, networks):
        raise SettingsError(f"{PREFIX}WEBHOOK_URL leads to {address}. {way_out(address)}")


def way_out(address: Address) -> str:
    """Say what lets an address be reached."""
    return f"It is no public address; {PREFIX}WEBHOOK_NETWORKS={address}/{address.max_prefixlen} allows it."


class Reaching(httpx.AsyncBaseTransport):
    """Looks each name up, refuses what may not be reached, and connects to what was looked up."""

    def __init__(self, inside: httpx.AsyncBaseTransport, networks: Sequence[Network]) -> None:
        self._inside, self._networks = inside, networks

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a message; raises httpx.ConnectError where it may not go."""
        host = request.url.host
        found = await self._looked_up(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        allowed = [one for one in found if may_reach(one, self._networks)]
        if not allowed:
            said = f"{host} leads to {found[0]}. {way_out(found[0])}" if found else f"{host} leads nowhere."
            raise httpx.ConnectError(said, request=request)
        # The certificate is that of the name; the header Host was written with the request.
        extensions: dict[str, Any] = {**request.extensions, "sni_hostname": host}
        url = request.url.copy_with(host=str(allowed[0]))
        pinned = httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=extensions
        )
        return await self._inside.handle_async_request(pinned)

    async def _looked_up(self, host: str, port: int) -> list[Address]:
        try:
            loop = asyncio.get_running_loop()
            rows = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"{host} cannot be looked up: {error}") from error
        return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]

    async def aclose(self) -> None:
        """Close what was opened."""
        await self._inside.aclose()
