"""Holds many streams open in a process of its own and notes when each of them hears of a case.

`python -m tests.bench.stream_clients HOST PORT COUNT`: prints ``open`` when all have heard `hello`; when its input ends
it prints one line of JSON: by case number the instants (seconds since 1970) at which clients heard of it, and the bytes
that all of them were sent in the stretches that the input marks by a line each.
"""

import asyncio
import json
import re
import resource
import sys
import time
from collections import defaultdict

NUMBER = re.compile(rb"\"([A-Z]+\d{8}-\d{5,})\"")


class Ears:
    """What all clients hear."""

    def __init__(self) -> None:
        self.heard: dict[str, list[float]] = defaultdict(list)
        self.bytes = [0]
        self.open = 0

    async def listen(self, host: str, port: int) -> None:
        """Hold one stream."""
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            f"GET /api/v1/stream HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        await writer.drain()
        is_open = False
        while chunk := await reader.read(65_536):
            at = time.time()
            self.bytes[-1] += len(chunk)
            if not is_open and b"event: hello" in chunk:
                is_open = True
                self.open += 1
            if b"event: delta" in chunk:
                for number in set(NUMBER.findall(chunk)):
                    self.heard[number.decode()].append(at)


async def main(host: str, port: int, count: int) -> None:
    """Open the streams one after the other, then listen until the input ends."""
    ears = Ears()
    tasks = [asyncio.create_task(ears.listen(host, port)) for _ in range(count)]
    while ears.open < count and not any(task.done() for task in tasks):
        await asyncio.sleep(0.05)
    print("open" if ears.open == count else f"only {ears.open}", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip():
            ears.bytes.append(0)
    print(
        json.dumps({"heard": ears.heard, "bytes": ears.bytes, "open": sum(not task.done() for task in tasks)}),
        flush=True,
    )
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
