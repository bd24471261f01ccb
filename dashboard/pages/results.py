"""The panel of a case about its results: reads what it shows."""

from typing import Any

from cases.result import answers, issues, unified
from dashboard.documents.answering import urls
from dashboard.documents.naming import Names
from dashboard.services import Services
from dashboard.views.names import Book
from dashboard.views.results import Issued, Panel, Reporter
from data import views
from data.views import Answer, CasePage

MOST_REPORTERS = 50


def of_case(services: Services, book: Book, page: CasePage, lang: str) -> dict[str, Any]:
    """Read and draw the results of one case, and who must be given the last one."""
    region, number = services.region, page.state.number
    names = Names(region, services.library.current, lang)
    answered = answers(page.events)
    rounds = []
    for count in range(1, len(issues(page.events)) + 1):
        found = unified(page.events, region.calendar, number, count)
        issuer = names.body(found.issuer.department, found)
        rounds.append(Issued(count, issuer, found.issued_at, urls(found), answered.get(count)))
    due = views.answers_of(services.engine, number)
    stays = due[0].result_of if due else number
    # Who was merged is answered with the other case's result: that one's page lists everybody.
    waiting = [one for one in due if one.round and stays == number][:MOST_REPORTERS]
    reporters = [reporter(services, page, one) for one in waiting]
    return Panel(book, lang, region.zone, services.now()).draw(number, rounds, reporters, stays)


def reporter(services: Services, page: CasePage, one: Answer) -> Reporter:
    """Read by which channel a reporter was answered."""
    channel = ""
    if one.answered_at is not None:
        own = one.number == page.state.number
        events = page.events if own else views.case_page(services.engine, one.number).events
        last = list(answers(events).values())[-1:]
        channel = str(last[0].data.get("channel") or "") if last else ""
    return Reporter(one.number, one.source, one.answered_at, channel)
