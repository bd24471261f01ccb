"""The ordinary work on a case: acceptance, coming on site, findings, the result, verification, the answer."""

from datetime import datetime, timedelta

from dashboard.simulation import words
from dashboard.simulation.rhythm import OFFICE_DAY
from dashboard.simulation.story import COMMAND_ROOM, GRID_WORKER, LEAD, Telling
from dashboard.simulation.supervising import late_by, supervise, urge

CRS = "EPSG:4490"
WITHOUT_POSITION, FAR = 0.07, 0.04
ALONE_ON_SITE, ALONE_AT_SUBJECT = 0.15, 0.8
"""A lead without coordinating departments seldom writes down that it went there, unless it inspects somebody."""
ANSWERED = 0.92
CHANNELS = {"hotline": ("phone",), "grid": ("api", "phone"), "patrol": ("phone", "api")}
DEVICES = ("api",)


def accept(telling: Telling, asked: datetime, lead: str) -> datetime:
    """Let the lead answer; a late one is urged first, and a very late one supervised."""
    takes = telling.manners.respond(lead, telling.township, telling.draw)
    if late_by(takes, 45) and telling.happens(0.6):
        urge(telling, asked + timedelta(minutes=33), lead, "首问响应超时，请立即受理")
    accepted = asked + takes
    if late_by(takes, 180) and telling.happens(0.7):
        late = asked + telling.minutes(90, 150)
        supervise(telling, late, lead, "首问响应严重超时，请说明原因", answered=accepted)
    return telling.add(accepted, "accepted", LEAD, lead)


def on_site(telling: Telling, accepted: datetime, lead: str) -> datetime:
    """Let everybody arrive and record a finding; give when the last one did."""
    arrivals = []
    for department in telling.matter.coordinating:
        takes = telling.manners.arrive(department, telling.township, telling.draw)
        arrivals.append((accepted + takes, department, department))
        _hurry(telling, accepted, takes, department, lead)
    alone = ALONE_AT_SUBJECT if telling.subject else ALONE_ON_SITE
    if telling.matter.coordinating or telling.happens(alone):
        arrivals.append((accepted + telling.minutes(12, 50), LEAD, lead))
    last = accepted
    for at, leg, department in arrivals:
        arrived = telling.add(at, "arrived", leg, department, **_check_in(telling))
        last = max(last, found(telling, arrived, leg, department))
    if telling.subject and not telling.named:
        first = min(arrivals, default=(accepted + telling.minutes(10, 60), LEAD, lead))
        identified = first[0] + telling.minutes(1, 4)
        telling.add(identified, "identified", "", first[2], subject=dict(telling.subject.given))
    return last


def found(telling: Telling, arrived: datetime, leg: str, department: str) -> datetime:
    """Let a department on site record what it found, and by which law."""
    said = words.finding(telling.matter.code, LEAD if leg == LEAD else department, telling.draw)
    laws = [law for law in telling.matter.basis.split("；") if law]
    basis = {"basis": words.one_of(laws, telling.draw)} if laws and telling.happens(0.8) else {}
    return telling.add(arrived + telling.minutes(8, 40), "found", leg, department, finding=said, **basis)


def finish(telling: Telling, start: datetime, lead: str) -> datetime:
    """Let the lead issue the result, some after an extension, a suspension or a supervision."""
    takes = telling.manners.finish(telling.profile.days, lead, telling.township, telling.draw)
    done = telling.office(start, takes)
    if takes > 4.5 * OFFICE_DAY and telling.happens(0.35):
        at = telling.office(start, 3.6 * OFFICE_DAY)
        telling.add(at, "extended", "", lead, amount=3, reason="案情复杂，需检测结果", approved_by=COMMAND_ROOM)
    elif takes > 2 * OFFICE_DAY and telling.happens(0.06):
        at = telling.office(start, 1.2 * OFFICE_DAY)
        telling.add(at, "suspended", "", lead, reason="当事人暂时无法联系，挂账", approved_by=COMMAND_ROOM)
        again = telling.add(at + timedelta(days=telling.draw.uniform(2, 6)), "resumed", "", lead)
        done = telling.office(again, takes - 1.2 * OFFICE_DAY)
    elif takes > 5.6 * OFFICE_DAY:
        supervise(telling, telling.office(start, 5.3 * OFFICE_DAY), lead, "办结超期，挂牌督办，请报办理进展")
    elif takes > 4.6 * OFFICE_DAY and telling.happens(0.3):
        urge(telling, telling.office(start, 4.2 * OFFICE_DAY), lead, "办结时限将至，请抓紧办理")
    if telling.happens(0.08):
        halfway = start + (done - start) * telling.draw.uniform(0.2, 0.8)
        telling.add(halfway, "commented", "", GRID_WORKER, text="现场有进展，请继续跟进")
    return issue(telling, done, lead)


def issue(telling: Telling, done: datetime, lead: str) -> datetime:
    """Let the lead issue the unified result."""
    return telling.add(done, "finished", LEAD, lead, result=words.result(telling.matter.code, telling.draw))


def conclude(telling: Telling, finished: datetime, lead: str) -> datetime:
    """Let the reporter be answered, the grid worker verify and the case be closed; give when the result stood.

    A few results do not hold: the case is reopened once, and its second result is answered anew.
    """
    if telling.happens(0.05) and not telling.stands:
        reopened = telling.office(finished, telling.minutes(20, 100))
        if telling.happens(ANSWERED):
            answer(telling, finished + (reopened - finished) * telling.draw.uniform(0.1, 0.9))
        again = telling.add(reopened, "reopened", "", GRID_WORKER, reason="现场复核，问题仍未消除")
        finished = telling.office(again, telling.draw.uniform(0.3, 1.6) * OFFICE_DAY)
        telling.add(finished, "finished", LEAD, lead, result=telling.say(words.REWORKED))
    if telling.happens(ANSWERED):
        answer(telling, telling.office(finished, telling.minutes(5, 240)))
    verified = telling.office(finished, telling.manners.verify(telling.draw))
    telling.add(verified, "verified", "", GRID_WORKER)
    telling.add(verified + telling.minutes(2, 30), "closed", "", COMMAND_ROOM)
    return finished


def answer(telling: Telling, at: datetime) -> None:
    """Let the command room give the reporter the result, by the way that the source has."""
    telling.add(at, "answered", "", COMMAND_ROOM, channel=telling.say(CHANNELS.get(telling.source, DEVICES)))


def _hurry(telling: Telling, accepted: datetime, takes: timedelta, department: str, lead: str) -> None:
    if late_by(takes, 80) and telling.happens(0.5):
        called = accepted + timedelta(minutes=63)
        urge(telling, called, department, "协同到场超时，请尽快到场", leg=department, lead=lead)
    if late_by(takes, 150) and telling.happens(0.6):
        late = accepted + telling.minutes(110, 140)
        text = "协同到场严重超时，请说明原因"
        supervise(telling, late, department, text, leg=department, answered=accepted + takes)


def _check_in(telling: Telling) -> dict[str, object]:
    """Give the position of whoever checks in: some metres off, now and then far away, now and then none."""
    chance = telling.draw.random()
    if chance < WITHOUT_POSITION:
        return {}
    far = chance < WITHOUT_POSITION + FAR
    metres = telling.draw.uniform(320, 800) if far else min(5 + telling.draw.gamma(2.0, 9.0), 60)
    there = telling.world.beside(telling.where, metres, telling.draw)
    return {"point": {"x": round(there.lon, 6), "y": round(there.lat, 6), "crs": CRS}}
