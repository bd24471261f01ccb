"""What the server tells on standard error: lines for people, or JSON for programs, each with the id of its request.

Neither secrets nor contacts belong into a log. They are kept out where lines are written; what an error message of a
library brings along is blotted out here, as a last resort.
"""

import logging
import re
import sys
import time
from typing import Any, Literal, TextIO

import orjson

from data.tracing import REQUEST

OURS = ("dashboard", "data", "cases", "geo", "uvicorn")
"""Loggers that follow the setting; libraries tell warnings and worse, and no addresses that they call."""
LEFT_OUT = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message", "taskName"}
BLOT = "…"
SECRETS = (
    # What PostgreSQL says of a row that it refuses: the whole row.
    (re.compile(r"DETAIL:.*?(?=\n(?:CONTEXT|HINT|\[SQL|\(Background|Traceback|The above|During)|\Z)", re.DOTALL), ""),
    (re.compile(r"(?i)\b(kiosk|key|token|password|secret|code|state|session)=[^&\s\"'<>]+"), r"\1="),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer "),
    (re.compile(r"(://[^:/\s@]*:)[^@\s/]+(?=@)"), r"\1"),
    (re.compile(r"\bwhsec_[\w+/=]+"), "whsec_"),
    # Numbers of mobile phones and of identity cards (GB 11643: 17 digits and a check character).
    (re.compile(r"(?<![\d.])1[3-9]\d{9}(?![\d])"), "1"),
    (re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])"), ""),
)


def blotted(text: str) -> str:
    """Take out of a text what looks like a secret, a telephone number or an identity number."""
    for pattern, kept in SECRETS:
        text = pattern.sub(kept + BLOT, text)
    return text


def extras(record: logging.LogRecord) -> dict[str, Any]:
    """Give the fields that whoever wrote a line gave besides."""
    return {name: value for name, value in record.__dict__.items() if name not in LEFT_OUT}


class Human(logging.Formatter):
    """One line a record: time in UTC, level, where, request, text."""

    converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        request = REQUEST.get()
        at = self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")
        head = f"{at} {record.levelname} {record.name}{f' [{request}]' if request else ''}: "
        return blotted(head + told(self, record))


class Lines(logging.Formatter):
    """One JSON object a record, on one line."""

    converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        fields: dict[str, Any] = {
            "at": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": blotted(record.getMessage()),
        }
        if request := REQUEST.get():
            fields["request"] = request
        if record.exc_info:
            fields["error"] = blotted(self.formatException(record.exc_info))
        for name, value in extras(record).items():
            fields[name] = blotted(value) if isinstance(value, str) else value
        return orjson.dumps(fields, default=str).decode()


def told(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    """Give the text of a record, and what went wrong below it."""
    text = record.getMessage()
    return f"{text}\n{formatter.formatException(record.exc_info)}" if record.exc_info else text


def begin(level: str, form: Literal["human", "json"], to: TextIO | None = None) -> None:
    """Let this process tell from now on; whatever was set before is forgotten.

    Parameters
    ----------
    level
        Of our own lines: ``warning`` tells what needs somebody, ``info`` every request as well.
    """
    handler = logging.StreamHandler(to or sys.stderr)
    handler.setFormatter(Lines() if form == "json" else Human())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
