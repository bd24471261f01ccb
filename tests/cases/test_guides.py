"""Guides: what is written as a line of text is read as a chart, and what cannot be read is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.errors import BadGuide, BadList
from cases.guides import Step, parse_steps, write_steps

LINE = (
    "提出申请@申请人@当日;?材料是否齐全@便民服务中心@1个工作日!一次告知补正<;"
    "?是否符合条件@镇人民政府@5个工作日!作出不予许可决定;送达@便民服务中心@"
)


def test_steps_are_read_in_order_with_who_takes_them_and_how_long_that_may_last() -> None:
    first, second, third, last = parse_steps(LINE)
    assert first == Step("提出申请", "申请人", "当日")
    assert second == Step(
        "材料是否齐全", "便民服务中心", "1个工作日", decision=True, otherwise="一次告知补正", back=True
    )
    assert third == Step("是否符合条件", "镇人民政府", "5个工作日", decision=True, otherwise="作出不予许可决定")
    assert last == Step("送达", "便民服务中心", "")


def test_blanks_around_the_marks_and_a_separator_at_the_end_say_nothing() -> None:
    assert parse_steps(" 申请 @ 申请人 @ 当日 ; ? 齐全 @ 中心 @ 1日 ! 补正 < ; ") == parse_steps(
        "申请@申请人@当日;?齐全@中心@1日!补正<"
    )
    assert parse_steps("") == parse_steps("  ") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("申请@申请人@当日;?齐全@中心@1日", "Step 2 ('?齐全@中心@1日') is a decision without its no-branch"),
        ("?齐全@中心@1日!", "Step 1 .* does not say what follows"),
        ("?齐全@中心@1日!<", "Step 1 .* does not say what follows"),
        ("申请@申请人@当日!补正", "Step 1 .* no decision; begin it with ?"),
        ("申请@申请人", "Step 1 .* has 2 parts"),
        ("申请@申请人@当日@窗口", "Step 1 .* has 4 parts"),
        ("@申请人@当日", "Step 1 .* lacks its name"),
        ("申请@@当日", "Step 1 .* who takes it"),
        ("申请@申请人@当日;;送达@中心@1日", "Step 2 .* is empty"),
        ("？齐全@中心@1日!补正", "Step 1 .* full-width ？; write ?"),
        ("申请@申请人@当日<", "Step 1 .* holds one of"),
        ("?齐全@中心@1日!补正!终止", "Step 1 .* holds one of"),
        ("齐?全@中心@1日", "Step 1 .* holds one of"),
    ],
)
def test_a_step_that_cannot_be_read_is_named_with_its_place_and_its_fault(text: str, says: str) -> None:
    pattern = says.replace("?", r"\?").replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(BadGuide, match=pattern):
        parse_steps(text)
    assert issubclass(BadGuide, BadList)


WORDS = st.text(st.characters(exclude_characters=";@?!<", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
PLAIN_STEPS = st.builds(Step, WORDS.filter(lambda word: word[0] not in "？！＠＜；"), WORDS, WORDS | st.just(""))
DECISIONS = st.builds(Step, WORDS, WORDS, WORDS, st.just(True), WORDS, st.booleans())


@given(st.lists(PLAIN_STEPS | DECISIONS, max_size=8))
def test_steps_that_are_written_are_read_again_as_they_were(steps: list[Step]) -> None:
    assert parse_steps(write_steps(steps)) == tuple(steps)


@given(st.text("申请;@?!<？ 。", max_size=30))
def test_every_text_is_a_chart_or_refused_and_a_chart_is_written_as_it_reads(text: str) -> None:
    try:
        steps = parse_steps(text)
    except BadGuide:
        return
    assert parse_steps(write_steps(steps)) == steps
    assert all(step.name and step.who and step.decision == bool(step.otherwise) for step in steps)


@pytest.mark.parametrize(
    "step",
    [Step("申请;送达", "申请人", ""), Step("?申请", "申请人", ""), Step(" 申请", "申请人", ""), Step("申请", "", "")],
)
def test_a_step_whose_words_would_be_read_as_another_chart_is_not_written(step: Step) -> None:
    with pytest.raises(BadGuide, match="Step 1"):
        write_steps([step])
