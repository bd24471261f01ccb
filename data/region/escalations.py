"""[[escalations]] of region.toml: who is told of a clock that turns amber or red, after how long, how often."""

from collections.abc import Mapping
from datetime import timedelta

from cases.clock import ClockKind, Level
from cases.supervision import EscalationRule, Role
from data.region.faults import Report
from data.region.section import Section, entries

ANY = "any"
CLOCKS: Mapping[str, ClockKind | None] = {kind.value: kind for kind in ClockKind} | {ANY: None}
LEVELS = {"amber": Level.AMBER, "red": Level.RED}
KEYS = ("code", "clock", "level", "after_minutes", "to", "repeat_minutes", "most")
MOST_MINUTES = 366 * 24 * 60
MOST_NOTICES = 100


def read_escalations(given: object, report: Report) -> tuple[EscalationRule, ...]:
    """Read the rules in the order of the file; none where it has none.

    What is wrong is noted, and a rule with a clock, level or recipient that is not known is left out.
    """
    found: dict[str, EscalationRule] = {}
    for entry in entries(given, "escalations", report):
        for key in entry.values.keys() - set(KEYS):
            entry.error(key, entry.values[key], f"is not known here; the keys are {', '.join(KEYS)}")
        rule = _rule(entry)
        if rule is None:
            continue
        if rule.code in found:
            entry.error("code", rule.code, "is given twice; give the second rule another code, or remove it")
        found[rule.code] = rule
    return tuple(found.values())


def _rule(entry: Section) -> EscalationRule | None:
    code = entry.text("code")
    clock, level = entry.text("clock", default=ANY), entry.text("level")
    if clock not in CLOCKS:
        entry.error("clock", clock, f"is no clock; the clocks are {', '.join(CLOCKS)}")
    if level not in LEVELS:
        entry.error("level", level, f"is no level that tells anybody; write {' or '.join(LEVELS)}")
    to = _roles(entry)
    after, repeat = _minutes(entry, "after_minutes"), _minutes(entry, "repeat_minutes")
    most = _most(entry, repeat)
    if clock not in CLOCKS or level not in LEVELS or not to:
        return None
    return EscalationRule(code, CLOCKS[clock], LEVELS[level], to, after, repeat, most)


def _roles(entry: Section) -> tuple[Role, ...]:
    given = entry.values.get("to")
    if not isinstance(given, list) or not given:
        entry.error("to", given, f'must name who is told: to = ["owner"]; there are {", ".join(Role)}')
        return ()
    roles: list[Role] = []
    for name in given:
        if name not in set(Role):
            entry.error("to", name, f"is nobody who can be told; there are {', '.join(Role)}")
        elif name in roles:
            entry.error("to", name, "is named twice; once is enough, nobody is told twice")
        else:
            roles.append(Role(name))
    return tuple(roles)


def _minutes(entry: Section, key: str) -> timedelta:
    value = entry.values.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_MINUTES:
        entry.error(key, value, f"must be a whole number of minutes from 0 to {MOST_MINUTES}")
        return timedelta(0)
    return timedelta(minutes=value)


def _most(entry: Section, repeat: timedelta) -> int:
    value = entry.values.get("most")
    if value is None:
        if repeat:
            entry.error("most", None, "is missing: a notice that repeats must end some time; write most = 3")
        return 1
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_NOTICES:
        entry.error("most", value, f"must be a whole number from 1 to {MOST_NOTICES}")
        return 1
    if value > 1 and not repeat:
        entry.error("most", value, "needs repeat_minutes, the time from one notice to the next")
    return value
