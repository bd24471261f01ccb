"""Where messages may go: to public addresses and the networks that the settings name, whatever a name leads to."""

import asyncio
import ipaddress
import socket
from typing import Any

import httpx
import pytest

from dashboard.notifying import endpoint, webhook
from dashboard.notifying.reach import Reaching, may_reach, networks_of
from dashboard.settings import Settings, SettingsError
from tests import loops
from tests.api.receiver import LOOPBACK, SECRET, Receiver, receiving

INSIDE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.0.8", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd12::1"),
    *("ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254"),
    *("2002:7f00:1::", "2002:a00:1::"),
]
PUBLIC = ["8.8.8.8", "114.114.114.114", "2400:3200::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_a_network_is_not_reached(address: str) -> None:
    assert not may_reach(ipaddress.ip_address(address), ())


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is(address: str) -> None:
    assert may_reach(ipaddress.ip_address(address), ())


def test_the_networks_of_the_settings_are_reached_and_no_others() -> None:
    networks = networks_of(Settings(webhook_networks="10.20.0.0/16, fd00:1::/32"))
    tried = ("10.20.3.4", "10.21.0.1", "fd00:1::5", "127.0.0.1")
    reached = [one for one in tried if may_reach(ipaddress.ip_address(one), networks)]
    assert reached == ["10.20.3.4", "fd00:1::5"]


@pytest.mark.parametrize("said", ["10.20.0.0", "10.20.0.0/99", "10.20.0.1/16", "intranet"])
def test_a_network_that_is_none_is_named_at_the_start(said: str) -> None:
    if said == "10.20.0.0":
        assert str(networks_of(Settings(webhook_networks=said))[0]) == "10.20.0.0/32"
        return
    with pytest.raises(SettingsError, match="ONEMAP_WEBHOOK_NETWORKS"):
        networks_of(Settings(webhook_networks=said))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://[::1]/", "https://169.254.169.254/latest", "http://10.0.0.1/"]
)
def test_an_address_in_numbers_that_may_not_be_reached_ends_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="ONEMAP_WEBHOOK_NETWORKS="):
        endpoint(Settings(webhook_url=url, webhook_secret=SECRET), "cixi")


class Sink(httpx.AsyncBaseTransport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        self.got: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        return httpx.Response(204)


def sending(url: str, answers: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> tuple[Sink, list[str]]:
    """Send one message, with a resolver that answers as told; gives what was sent, and what was asked of it."""
    sink, asked = Sink(), []

    async def run() -> None:
        async def look_up(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            found = answers[min(len(asked), len(answers)) - 1]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up, raising=False)
        async with httpx.AsyncClient(transport=Reaching(sink, ())) as client:
            await client.post(url, content=b"x")

    loops.run(run())
    return sink, asked


def test_a_name_is_looked_up_once_and_what_was_looked_at_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    # The second answer is the one of an attacker who lets the name lead to this machine (DNS rebinding).
    sink, asked = sending("https://hub.example/in", [["8.8.8.8"], ["127.0.0.1"]], monkeypatch)
    (request,) = sink.got
    assert asked == ["hub.example"]
    assert str(request.url) == "https://8.8.8.8/in"
    assert request.headers["host"] == "hub.example"
    assert request.extensions["sni_hostname"] == "hub.example", "the certificate is that of the name"


def test_of_several_addresses_the_public_one_is_taken_and_without_one_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sink, _ = sending("http://hub.example/", [["10.0.0.1", "8.8.8.8"]], monkeypatch)
    assert str(sink.got[0].url) == "http://8.8.8.8/"
    with pytest.raises(httpx.ConnectError, match=r"hub.example leads to 10.0.0.1.*ONEMAP_WEBHOOK_NETWORKS"):
        sending("http://hub.example/", [["10.0.0.1", "127.0.0.1"]], monkeypatch)


@pytest.mark.parametrize("name", ["localhost", "127.1", "0x7f000001", "2130706433", "0"])
def test_names_that_mean_this_machine_are_not_reached_either(name: str) -> None:
    async def run() -> None:
        async with webhook.client() as client:
            await client.post(f"http://{name}:9/", content=b"x")

    with pytest.raises((httpx.ConnectError, httpx.InvalidURL)):
        loops.run(run())


def test_a_redirect_is_not_followed_to_where_it_leads() -> None:
    with receiving() as first, receiving() as second:
        first.answers = [307]
        assert post(first) == 307
        assert second.got == []


def post(receiver: Receiver) -> int:
    async def run() -> int:
        async with webhook.client(networks_of(Settings(webhook_networks=LOOPBACK))) as client:
            return (await client.post(receiver.url, content=b"x", headers={"webhook-id": "1"})).status_code

    return loops.run(run())
