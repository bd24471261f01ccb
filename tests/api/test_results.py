"""The unified result over HTTP: as JSON, page and paper, for each round, for every reporter, on both databases."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.server import create_app
from dashboard.settings import Settings
from tests.api.conftest import Caller, Watch, called, report
from tests.api.receiver import LOOPBACK, SECRET, Receiver, payload, receiving
from tests.api.test_notifying import deliver, step

CONTACT = {"name": "张三丰", "phone": "13812340000"}


def tell(client: Caller, source_id: str = "1", **more: Any) -> str:
    """Report smoke at eleven, an hour before the tests' noon."""
    body = report(
        source_id, **{"matter": "YJS-01", "occurred_at": "2026-11-24T11:00:00+08:00", "contact": CONTACT} | more
    )
    answer = client.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def record(client: Caller, number: str, kind: str, at: str, leg: int | None = None, **data: Any) -> Any:
    body = {"kind": kind, "occurred_at": f"2026-11-24T{at}+08:00", "actor": "tester", "leg": leg, "data": data}
    return client.post(f"/api/v1/cases/{number}/events", json=body)


def done(client: Caller, number: str, *events: tuple[Any, ...], **data: Any) -> None:
    for kind, at, *leg in events:
        answer = record(client, number, kind, at, *leg, **data)
        assert answer.status_code == 201, answer.text


def finished(client: Caller, number: str, result: str = "责令改正") -> str:
    """Take a smoke case to its result at 11:40."""
    done(client, number, ("accepted", "11:10:00"), ("arrived", "11:15:00", 1), ("arrived", "11:20:00", 2))
    done(client, number, ("arrived", "11:25:00", 3))
    done(client, number, ("found", "11:30:00", 1), finding="未设专用烟道")
    done(client, number, ("found", "11:31:00", 2), finding="浓度 3.1 mg/m³", basis="GB 18483-2001 表2")
    done(client, number, ("found", "11:32:00", 3), finding="位于屺山斢街，许可证有效")
    done(client, number, ("finished", "11:40:00"), result=result)
    return number


def reopened(client: Caller, number: str) -> None:
    """Do it once more, until 11:50."""
    done(client, number, ("reopened", "11:45:00"), reason="仍然直排")
    done(client, number, ("finished", "11:50:00"), result="复测达标")


def result_of(client: Caller, number: str, ending: str = "", **query: Any) -> Any:
    return client.get(f"/api/v1/cases/{number}/result{ending}", params=query)


def text_of(pdf: bytes) -> str:
    """What a reader copies out of a PDF, line ends taken out."""
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return read.stdout.decode().replace("\n", "").replace("\f", "")


def test_the_result_says_what_everybody_found_and_by_which_clause(both_clients: Caller) -> None:
    client = both_clients
    number = finished(client, tell(client))
    answer = result_of(client, number)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["document"], body["round"], body["rounds"]) == (f"{number}-1", 1, 1)
    assert (body["conclusion"], body["issuer"], body["title"]) == (
        "责令改正",
        "小县综合行政执法局",
        "关于餐饮油烟的处理结果",
    )
    assert [(one["department"], one["finding"], one["basis"]) for one in body["findings"]] == [
        ("zhzf", "未设专用烟道", None),
        ("sthj", "浓度 3.1 mg/m³", "GB 18483-2001 表2"),
        ("scjg", "位于屺山斢街，许可证有效", None),
    ]
    assert {one["clause"] for one in body["findings"]} == {"一件事第一项"}
    assert body["list_basis"] == "《城乡规划法》第六十五条"
    assert [(one["kind"], one["department"], one["outcome"]) for one in body["clocks"]] == [
        ("respond", "zhzf", "met"),
        ("arrive", "sthj", "met"),
        ("arrive", "scjg", "met"),
        ("finish", "zhzf", "met"),
    ]
    assert body["promise"]["finish"] == {"amount": 5, "unit": "working_days"}
    for personal in (*CONTACT.values(), "桥下有垃圾"):
        assert personal not in answer.text


@pytest.mark.parametrize("ending", [".html", ".pdf"])
def test_page_and_paper_say_the_same_in_both_languages(both_clients: Caller, ending: str) -> None:
    client = both_clients
    number = finished(client, tell(client))
    sha = result_of(client, number).json()["sha256"]
    for lang, words in (
        (
            "zh",
            ("关于餐饮油烟的处理结果", "一、处理结论", "网格员来件反映人", "按期", "5个工作日内办结", "2026年11月24日"),
        ),
        ("en", ("Result on: Smoke", "1. Conclusion", "Grid worker", "in time", "5 working days", "2026-11-24")),
    ):
        answer = result_of(client, number, ending, lang=lang)
        assert answer.status_code == 200
        said = answer.text if ending == ".html" else text_of(answer.content)
        said = "".join(said.split())
        for there in (*words, "位于屺山斢街，许可证有效", "GB 18483-2001", "责令改正", number, sha[:8], "一件事第一项"):
            assert "".join(there.split()) in said, there
        for personal in CONTACT.values():
            assert personal not in said


def test_the_paper_is_an_archive_of_a4_pages_and_the_same_bytes_each_time(client: Caller) -> None:
    number = finished(client, tell(client))
    first, second = (result_of(client, number, ".pdf") for _ in range(2))
    assert first.content == second.content
    assert first.headers["content-type"] == "application/pdf"
    assert f'filename="{number}-1.pdf"' in first.headers["content-disposition"]
    info = subprocess.run(["pdfinfo", "-"], input=first.content, capture_output=True, check=True).stdout.decode()
    assert re.search(r"Page size:\s+595\.\d+ x 841\.\d+ pts \(A4\)", info)
    assert "关于餐饮油烟的处理结果" in info
    assert b"pdfaid:part" in first.content
    fonts = subprocess.run(["pdffonts", "-"], input=first.content, capture_output=True, check=True).stdout.decode()
    rows = fonts.splitlines()[2:]
    assert rows
    assert all(re.search(r"\s+yes\s+yes\s+yes\s+", row) for row in rows), "every font is inside, with its characters"


def test_long_findings_go_over_pages_and_nothing_of_them_is_lost_or_read_as_markup(client: Caller) -> None:
    number = tell(client, matter="SD-01")
    done(client, number, ("accepted", "11:10:00"))
    long = "".join(f"第{n}处油烟直排，" for n in range(800)) + " #strong[x] <b>y</b> $z$ *w*"
    done(client, number, ("found", "11:20:00", 1), finding=long, basis="《甲法》第一条\n《乙法》第二条")
    done(client, number, ("finished", "11:30:00"), result="A" * 500 + "😀完")
    pdf = result_of(client, number, ".pdf")
    assert pdf.status_code == 200
    said = text_of(pdf.content)
    # A line or a page may end within any of them; each number stands there all the same.
    assert sum(f"第{n}处" in said for n in range(800)) >= 760
    for words in ("#strong[x]", "<b>y</b>", "$z$ *w*", "《乙法》第二条"):
        assert words in said
    info = subprocess.run(["pdfinfo", "-"], input=pdf.content, capture_output=True, check=True).stdout.decode()
    assert int(re.findall(r"Pages:\s+(\d+)", info)[0]) >= 3
    html = result_of(client, number, ".html").text
    assert "<b>y</b>" not in html
    assert "&lt;b&gt;y&lt;/b&gt;" in html


def test_a_result_without_findings_and_conclusion_says_so(client: Caller) -> None:
    number = tell(client, matter="SD-01")
    done(client, number, ("accepted", "11:10:00"), ("finished", "11:30:00"))
    said = text_of(result_of(client, number, ".pdf").content)
    for words in ("牵头部门未另作结论", "未单独出具意见", "未到场", "清单所列依据：《城乡规划法》第六十五条"):
        assert words in said


def test_the_page_stands_for_itself(client: Caller) -> None:
    page = result_of(client, finished(client, tell(client)), ".html").text
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!/(?:api|result)/|data:,)', page), "no other file, no other host"
    assert "@page" in page


def test_who_has_it_already_is_told_so(client: Caller) -> None:
    number = finished(client, tell(client))
    for ending in ("", ".html", ".pdf"):
        etag = result_of(client, number, ending).headers["etag"]
        again = client.get(f"/api/v1/cases/{number}/result{ending}", headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        other = client.get(f"/api/v1/cases/{number}/result{ending}?lang=en", headers={"If-None-Match": etag})
        assert other.status_code == 200


def test_each_round_has_its_own_document(both_clients: Caller) -> None:
    client = both_clients
    number = finished(client, tell(client))
    first = result_of(client, number, ".pdf").content
    reopened(client, number)
    assert [result_of(client, number, round=n).json()["conclusion"] for n in (1, 2)] == ["责令改正", "复测达标"]
    assert result_of(client, number).json()["document"] == f"{number}-2"
    assert result_of(client, number, ".pdf", round=1).content == first
    assert f"替代{number}-1号" in text_of(result_of(client, number, ".pdf").content)


def test_no_result_is_a_sentence(both_clients: Caller) -> None:
    client = both_clients
    number = tell(client)
    done(client, number, ("accepted", "11:10:00"))
    other = tell(client, "2", source="hotline", occurred_at="2026-11-24T11:05:00+08:00")
    assert record(client, other, "merged", "11:30:00", into=number).status_code == 201
    void = tell(client, "3")
    done(client, void, ("closed", "11:20:00"), reason="来源撤销")
    for asked, query, status, error, words in (
        (number, {}, 409, "not_allowed", "scjg"),
        (other, {}, 404, "no_such_result", number),
        (void, {}, 404, "no_such_result", "closed without a result"),
        ("SM20261124-99999", {}, 404, "no_such_case", "SM20261124-99999"),
        ("nonsense", {}, 404, "no_such_case", "nonsense"),
    ):
        for ending in ("", ".html", ".pdf"):
            answer = result_of(client, asked, ending, **query)
            assert (answer.status_code, answer.json()["error"]) == (status, error)
            assert words in answer.json()["detail"]
    finished(client, done_number := tell(client, "4"))
    for query, status in (({"round": 2}, 404), ({"round": 0}, 404), ({"round": "x"}, 422), ({"lang": "fr"}, 422)):
        assert result_of(client, done_number, **query).status_code == status


def verdict(client: Caller, path: str, **query: Any) -> str | None:
    page = client.get(path, params=query or None)
    assert page.status_code == 200, page.text
    found = re.search(r'class="verdict" data-verdict="(\w+)"', page.text)
    return found[1] if found else None


def test_a_printed_copy_can_be_checked_by_its_code(both_clients: Caller) -> None:
    client = both_clients
    number = finished(client, tell(client))
    sha = result_of(client, number).json()["sha256"]
    path = f"/result/{number}-1"
    assert path in text_of(result_of(client, number, ".pdf").content)
    assert verdict(client, path) is None
    assert verdict(client, path, sha=sha) == "genuine"
    assert verdict(client, path, sha=f"{sha[:4]} {sha[4:8]} {sha[8:12]} {sha[12:16]}".upper()) == "genuine"
    assert verdict(client, f"/result/{number}", sha=sha) == "genuine"
    for code, wanted in ((sha[:15], "malformed"), ("g" * 16, "malformed"), (sha[::-1], "other"), ("0" * 64, "other")):
        assert verdict(client, path, sha=code) == wanted
    reopened(client, number)
    assert verdict(client, path, sha=sha) == "genuine", "the first result is what it was"
    assert verdict(client, f"/result/{number}", sha=sha) == "other", "the case's last one is another document"
    assert "<script>" not in client.get(path, params={"sha": "<script>alert(1)</script>"}).text


def test_a_copy_from_before_a_late_event_is_genuine_and_told_apart(both_clients: Caller) -> None:
    client = both_clients
    number = tell(client, matter="SD-01")
    done(client, number, ("accepted", "11:10:00"), ("finished", "11:40:00"))
    printed = result_of(client, number).json()["sha256"]
    done(client, number, ("found", "11:20:00", 1), finding="两处垃圾")
    now = result_of(client, number).json()
    assert now["findings"][0]["finding"] == "两处垃圾"
    assert verdict(client, f"/result/{number}", sha=printed) == "earlier"
    assert verdict(client, f"/result/{number}", sha=now["sha256"]) == "genuine"


@pytest.mark.parametrize("number", ["SM20261124-99999", "SM20261124-99999-1", "x", "%00", "SM20261124-00001-99"])
def test_a_number_that_was_never_issued_is_a_page_that_says_so(client: Caller, number: str) -> None:
    finished(client, tell(client))
    answer = client.get(f"/result/{number}")
    assert answer.status_code == 404
    assert "没有可以核验的文件" in answer.text


def unanswered(client: Caller, **query: Any) -> list[tuple[str, str | None]]:
    answer = client.get("/api/v1/answers", params={"unanswered": True, **query})
    assert answer.status_code == 200, answer.text
    return [(one["number"], one["document"]) for one in answer.json()["answers"]]


def merged_chain(client: Caller) -> list[str]:
    """Three reports of one thing: the third was merged into the second, that one into the first."""
    numbers = [
        tell(client, str(n), occurred_at=f"2026-11-24T11:0{n}:00+08:00", source=source)
        for n, source in enumerate(("grid", "hotline", "hotline"))
    ]
    for gone, stays in ((2, 1), (1, 0)):
        answer = record(client, numbers[gone], "merged", f"11:0{9 - gone}:30", into=numbers[stays])
        assert answer.status_code == 201, answer.text
    return numbers


def test_everybody_who_reported_is_answered_along_the_chain_of_merges(both_clients: Caller) -> None:
    client = both_clients
    numbers = merged_chain(client)
    assert unanswered(client) == [], "nobody waits for what was not issued"
    finished(client, numbers[0])
    document = f"{numbers[0]}-1"
    assert unanswered(client) == [(number, document) for number in reversed(numbers)]
    assert unanswered(client, source="hotline") == [(numbers[2], document), (numbers[1], document)]
    body = result_of(client, numbers[0]).json()
    assert [one["number"] for one in body["answers"]] == numbers
    assert body["merged"] == [numbers[1]]
    done(client, numbers[1], ("answered", "11:42:00"), channel="phone")
    done(client, numbers[0], ("answered", "11:43:00"), channel="phone")
    assert unanswered(client) == [(numbers[2], document)]
    everybody = client.get("/api/v1/answers").json()["answers"]
    assert [one["answered_at"] for one in everybody] == [None, "2026-11-24T03:42:00Z", "2026-11-24T03:43:00Z"]


def test_a_reopened_case_is_answered_anew_for_everybody(both_clients: Caller) -> None:
    client = both_clients
    numbers = merged_chain(client)
    finished(client, numbers[0])
    for number in numbers:
        done(client, number, ("answered", "11:42:00"), channel="phone")
    assert unanswered(client) == []
    done(client, numbers[0], ("reopened", "11:45:00"), reason="仍然直排")
    assert unanswered(client) == [], "who waits now waits for the next result"
    done(client, numbers[0], ("finished", "11:50:00"), result="复测达标")
    assert unanswered(client) == [(number, f"{numbers[0]}-2") for number in reversed(numbers)]


def test_answers_come_in_pages(both_clients: Caller) -> None:
    client = both_clients
    numbers = [tell(client, str(n), matter="SD-01", occurred_at=f"2026-11-24T11:0{n // 2}:00+08:00") for n in range(5)]
    for number in numbers:
        done(client, number, ("accepted", "11:10:00"), ("finished", "11:40:00"))
    seen, cursor = [], None
    while True:
        body = client.get("/api/v1/answers", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["number"] for one in body["answers"]]
        cursor = body["next"]
        if cursor is None:
            break
    assert seen == numbers[::-1]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("limit=0", "invalid"),
        ("limit=100000", "bad_query"),
        ("cursor=yesterday", "bad_query"),
        ("cursor=2026-11-24T11:00:00_SM1", "bad_query"),
        ("unanswerd=true", "invalid"),
        ("unanswered=perhaps", "invalid"),
        ("source=%00", "invalid"),
    ],
)
def test_strange_questions_about_answers_have_a_clear_answer(client: Caller, query: str, error: str) -> None:
    answer = client.get(f"/api/v1/answers?{query}")
    assert (answer.status_code, answer.json()["error"]) == (422, error)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


def test_a_result_that_the_webhook_has_taken_is_an_answer_to_each_reporter(
    small_pack: Path, database_url: str, watch: Watch, receiver: Receiver
) -> None:
    settings = Settings(
        region=str(small_pack),
        database_url=database_url,
        webhook_url=receiver.url,
        webhook_networks=LOOPBACK,
        webhook_secret=SECRET,
        notify_seconds=3600,
    )
    app = create_app(settings, now=watch)
    with called(app) as client:
        numbers = merged_chain(client)
        finished(client, numbers[0])
        receiver.answers = [503, 503, 503]
        step(app)
        deliver(client, app)
        assert len(unanswered(client)) == 3, "what was not taken answers nobody"
        watch.pass_by(minutes=1)
        deliver(client, app)
        assert unanswered(client) == []
        taken = {message["data"]["number"]: message["data"]["result"] for message in accepted(receiver)}
        sha = result_of(client, numbers[0]).json()["sha256"]
        for n, number in enumerate(numbers):
            one = taken[number]
            assert (one["document"], one["source_id"], one["conclusion"]) == (f"{numbers[0]}-1", str(n), "责令改正")
            assert one["sha256"] == sha
            assert client.get(one["urls"]["pdf"]).status_code == 200
            assert verdict(client, one["urls"]["check"]) == "genuine"
            page = client.get(f"/api/v1/cases/{number}").json()
            answered = [event for event in page["events"] if event["kind"] == "answered"]
            assert [event["data"]["channel"] for event in answered] == ["webhook"]
            assert answered[0]["data"]["round"] == 1


def test_a_message_about_a_result_that_was_replaced_answers_nobody(
    small_pack: Path, sqlite_url: str, watch: Watch, receiver: Receiver
) -> None:
    settings = Settings(
        region=str(small_pack),
        database_url=sqlite_url,
        webhook_url=receiver.url,
        webhook_networks=LOOPBACK,
        webhook_secret=SECRET,
        notify_seconds=3600,
    )
    app = create_app(settings, now=watch)
    with called(app) as client:
        number = finished(client, tell(client))
        receiver.answers = [503]
        step(app)
        deliver(client, app)
        reopened(client, number)
        watch.pass_by(minutes=1)
        deliver(client, app)  # the first result, late
        assert unanswered(client) == [(number, f"{number}-2")]
        step(app)
        deliver(client, app)
        assert unanswered(client) == []


def test_reading_a_result_is_no_answer(client: Caller) -> None:
    number = finished(client, tell(client))
    result_of(client, number, answered_by="grid")
    result_of(client, number, ".pdf", answered_by="grid")
    assert unanswered(client) == [(number, f"{number}-1")]


def accepted(receiver: Receiver) -> list[dict[str, Any]]:
    """The messages that were answered with success; test_notifying verifies their signatures."""
    return [payload(body) for status, _, body in receiver.got if status < 300]
