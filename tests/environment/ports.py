"""Ports for the servers that tests start: each for one process alone, until that process ends.

A port that the kernel calls free is free at that moment. A server needs seconds until it listens; meanwhile another
test process can be given the same one, and its pages then come from a stranger. So ports are taken below those that
the kernel gives away by itself (from 32,768 on, ip_local_port_range), and a locked file says whose each is: the lock
goes with its process, however that ends.
"""

import fcntl
import itertools
import os
import socket
import tempfile
from pathlib import Path

FIRST, LAST = 20_000, 32_000
_turn = itertools.count(os.getpid() * 61)
_held: list[int] = []


def free_port() -> int:
    """Give a TCP port on which nobody listens and which no other process gets while this one lives."""
    folder = Path(tempfile.gettempdir()) / f"onemap-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for _ in range(LAST - FIRST):
        port = FIRST + next(_turn) % (LAST - FIRST)
        if _reserve(folder / str(port)) and _unused(port):
            return port
    raise RuntimeError(f"no port from {FIRST} to {LAST} is free")


def _reserve(path: Path) -> bool:
    """Lock the file of a port; False when another process has it. Children do not inherit the lock."""
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    _held.append(file)
    return True


def _unused(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
