"""Personal data can be erased by law: nowhere in the database is it found again, and the chain stays whole."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update
from typer.testing import CliRunner

from cases.desk import Desk, EventRequest
from cases.errors import BadEvent, KeyConflict, NoSuchCase, SourceConflict
from dashboard.cli import app
from data import accounts, tables, views
from data.accounts import By
from data.engine import migrate, reading, writing
from data.erasing import Erased, erase, scrub
from data.store import SqlCaseStore
from data.verifying import Wrong, verify
from tests.cases.factories import LATER, LITTER, START, Walk, a_desk, a_report, china
from tests.data.test_chain import looked_at, tampering

NAME, PHONE, SAID, VISITED = "欧阳小明", "13857412345", "楼下欧阳小明家堆放杂物", "欧阳小明不在家"
LAW = "个人信息保护法第四十七条"
BY = By("registrar")
KEY = "a-key-of-the-phone"


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return replace(a_desk(), store=SqlCaseStore(engine))


def a_case(desk: Desk) -> Walk:
    """A case whose report and events name somebody."""
    walk = Walk(LITTER, desk, contact={"name": NAME, "phone": PHONE}, description=SAID).do("accepted")
    desk.record_once(
        walk.state.number, EventRequest("commented", walk.at, "grid", data={"text": VISITED}), walk.at + LATER, KEY
    )
    return walk


def erased(engine: Engine, number: str, **options: Any) -> Erased:
    """What is erased of a case."""
    return erase(engine, china(), number, LAW, BY, START + LATER, **options)


def everything(engine: Engine) -> str:
    """Every row of every table, as text."""
    with reading(engine) as connection:
        return json.dumps(
            {
                name: [[str(value) for value in row] for row in connection.execute(select(table))]
                for name, table in tables.metadata.tables.items()
            },
            ensure_ascii=False,
        )


def test_a_contact_is_erased_everywhere_and_the_chain_stays_whole(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    other = Walk(LITTER, desk, "2", contact={"name": "李四", "phone": "13900000000"}).state.number
    before = verify(engine, china()).anchor
    done = erased(engine, number)
    assert done.parts == {1: ["report.contact"]}
    assert PHONE not in everything(engine)
    assert SAID in everything(engine), "only what was asked for"
    assert views.case_page(engine, number).state.report["contact"] == {}
    assert views.case_page(engine, other).state.report["contact"]["name"] == "李四"
    found = verify(engine, china(), anchor=before)
    assert found.faults == [], "an anchor from before the erasure still holds"


def test_with_whole_every_text_that_may_name_somebody_goes(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    done = erased(engine, number, whole=True)
    assert done.parts == {1: ["report.contact", "report.description"], 3: ["text"]}
    assert NAME not in everything(engine)
    assert verify(engine, china()).faults == []
    with reading(engine) as connection:
        chain = connection.execute(select(tables.chain).where(tables.chain.c.revision == 1)).one()
    assert chain.salt is None
    assert set(chain.erased["salts"]) == {"report.photos", "report.attributes"}, "the salts of what stayed"


def test_the_case_and_the_audit_tell_what_was_erased_by_whom_and_why(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    done = erased(engine, number)
    told = views.case_page(engine, number).events[-1]
    assert (told.kind, told.revision, told.actor) == ("commented", done.revision, "rules")
    assert LAW in told.data["text"]
    assert told.data["erased"] == {"1": ["report.contact"]}
    row = accounts.entries(engine).rows[0]
    assert (row.what, row.account, row.target, row.detail["reason"]) == ("erased", "registrar", number, LAW)


def test_erasing_again_changes_nothing_and_erasing_more_goes_on(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    erased(engine, number)
    before = everything(engine)
    assert erased(engine, number).parts == {}
    assert everything(engine) == before
    assert erased(engine, number, whole=True).parts == {1: ["report.description"], 3: ["text"]}
    assert NAME not in everything(engine)
    assert verify(engine, china()).faults == []
    assert erased(engine, number, whole=True).parts == {}


def test_a_report_that_comes_again_after_the_erasure_brings_nothing_back(desk: Desk, engine: Engine) -> None:
    report = a_report(LITTER, contact={"name": NAME, "phone": PHONE})
    number = desk.receive(report, START + LATER).state.number
    with pytest.raises(SourceConflict):
        desk.receive(replace(report, description="另一件事"), START + LATER)
    erased(engine, number)
    again = desk.receive(report, START + LATER)
    assert (again.state.number, again.repeated) == (number, True)
    assert PHONE not in everything(engine)


def test_an_event_that_is_sent_again_after_the_erasure_counts_once(desk: Desk, engine: Engine) -> None:
    walk = a_case(desk)
    number = walk.state.number
    request = EventRequest("commented", walk.at, "grid", data={"text": VISITED})
    with pytest.raises(KeyConflict):
        desk.record_once(number, replace(request, actor="hotline"), walk.at + LATER, KEY)
    erased(engine, number, whole=True)
    assert desk.record_once(number, request, walk.at + LATER, KEY).repeated
    assert NAME not in everything(engine)


def test_a_case_goes_on_after_an_erasure(desk: Desk, engine: Engine) -> None:
    walk = a_case(desk)
    erased(engine, walk.state.number, whole=True)
    number = walk.state.number
    desk.record(number, EventRequest("commented", START + LATER, "grid", data={"text": "继续"}), START + LATER)
    assert verify(engine, china()).faults == []


def test_nobody_can_say_through_the_desk_that_something_was_erased(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    said = {"text": "假的", "erased": {"1": ["report.contact"]}}
    desk.record(number, EventRequest("commented", START + LATER, "grid", data=said), START + LATER)
    assert "erased" not in views.case_page(engine, number).events[-1].data


def test_what_is_put_back_after_an_erasure_is_found(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    erased(engine, number)
    with tampering(engine) as connection:
        events = tables.events
        data = connection.execute(select(events.c.data).where(events.c.revision == 1)).scalar_one()
        data["report"]["contact"] = {"name": "somebody else"}
        connection.execute(update(events).where(events.c.revision == 1).values(data=data))
        assert (Wrong.ERASURE, 1, number) in {(f.what, f.revision, f.number) for f in looked_at(connection)}


def test_an_erasure_that_no_event_tells_is_found(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    erased(engine, number)
    with tampering(engine) as connection:
        chain = tables.chain
        kept = connection.execute(select(chain.c.erased).where(chain.c.revision == 1)).scalar_one()
        connection.execute(update(chain).where(chain.c.revision == 1).values(erased=kept | {"by": [2]}))
        assert (Wrong.ERASURE, 1, number) in {(f.what, f.revision, f.number) for f in looked_at(connection)}


def test_what_cannot_be_erased_is_refused(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    with pytest.raises(NoSuchCase):
        erased(engine, "CX20260304-09999")
    with pytest.raises(BadEvent):
        erase(engine, china(), number, " ", BY, START)


def test_erased_bytes_are_gone_from_the_file(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    erased(engine, number, whole=True)
    scrub(engine)
    if engine.dialect.name == "sqlite":
        path = Path(str(engine.url.database))
        for file in path.parent.glob(f"{path.name}*"):
            assert PHONE.encode() not in file.read_bytes(), file
            assert NAME.encode() not in file.read_bytes(), file


def test_the_chain_of_erased_events_is_made_anew_by_the_migrations(desk: Desk, engine: Engine) -> None:
    number = a_case(desk).state.number
    erased(engine, number)
    migrate(engine, "0008")
    migrate(engine)
    assert verify(engine, china()).faults == []


def test_the_command_erases_and_says_what(desk: Desk, engine: Engine, database_url: str) -> None:
    number = a_case(desk).state.number
    asked = ["cases", "erase", number, "--reason", LAW, "--by", "registrar", "--database-url", database_url]
    said = CliRunner().invoke(app, asked)
    assert said.exit_code == 0, said.output
    assert "report.contact erased" in said.output
    assert PHONE not in everything(engine)
    again = CliRunner().invoke(app, asked)
    assert "nothing more to erase" in again.output
    nobody = CliRunner().invoke(app, [*asked[:2], "CX20260304-09999", *asked[3:]])
    assert nobody.exit_code == 1


def test_notices_quote_nothing_that_was_erased(desk: Desk, engine: Engine) -> None:
    walk = a_case(desk)
    number = walk.state.number
    row = {"recipient": "command", "kind": "commented", "number": number, "leg": None, "level": 1, "key": "k",
           "data": {"text": VISITED, "at": START.isoformat()}, "made_at": START, "attempts": 0}  # fmt: skip
    known = tables.notices.c
    with writing(engine) as connection:
        connection.execute(insert(tables.notices), {name: value for name, value in row.items() if name in known})
    erased(engine, number, whole=True)
    assert VISITED not in everything(engine)
