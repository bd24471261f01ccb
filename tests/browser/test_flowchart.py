"""The flow chart says every step once, in order, with its branches, inside its edges and without overlaps."""

import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.guides import Step, parse_steps
from dashboard.views.flowchart import draw, wrapped
from data.region import Region

SVG = "{http://www.w3.org/2000/svg}"
PLAIN = "提出申请@申请人@当日;作出决定@镇人民政府@5个工作日"
ASKED = (
    "提出申请@申请人@当日;?材料齐全@便民服务中心@1个工作日!一次告知补正<;"
    "?符合条件@城建办@3个工作日!书面告知不予许可;作出决定@镇人民政府@5个工作日"
)
Box = tuple[float, float, float, float]


def chart(text: str) -> ET.Element:
    return ET.fromstring(draw(parse_steps(text), "zh-CN"))


def said(drawing: ET.Element, name: str | None = None) -> list[str]:
    """The texts of the drawing, from the first to the last."""
    return [text.text or "" for text in drawing.iter(f"{SVG}text") if name is None or text.get("class") == name]


def boxes(drawing: ET.Element) -> list[Box]:
    """Left, top, right, bottom of every box and diamond."""
    found = []
    for shape in drawing:
        if shape.tag == f"{SVG}rect":
            x, y, width, height = (float(shape.get(name, "0")) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
        elif shape.get("class") == "flow-ask":
            points = [tuple(map(float, pair.split(","))) for pair in shape.get("points", "").split()]
            xs, ys = zip(*points, strict=True)
            found.append((min(xs), min(ys), max(xs), max(ys)))
    return found


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_no_steps_give_no_chart() -> None:
    assert draw((), "zh-CN") == ""


def test_steps_stand_below_each_other_between_start_and_end() -> None:
    drawing = chart(PLAIN)
    assert said(drawing) == ["开始", "提出申请", "申请人 · 当日", "作出决定", "镇人民政府 · 5个工作日", "办结"]
    tops = [box[1] for box in boxes(drawing)]
    assert tops == sorted(tops)


def test_a_decision_is_a_diamond_with_a_yes_downwards_and_a_no_to_the_right() -> None:
    drawing = chart(ASKED)
    assert len([shape for shape in drawing if shape.get("class") == "flow-ask"]) == 2
    assert "材料齐全？" in said(drawing, "flow-name")
    assert sorted(said(drawing, "flow-word")) == ["否", "否", "是", "是"]
    ends = [shape for shape in drawing if shape.get("class") == "flow-stop"]
    backs = [shape for shape in drawing if shape.get("class") == "flow-back"]
    assert (len(ends), len(backs)) == (1, 1)
    right = max(edge for _, _, edge, _ in boxes(drawing)[:2])
    assert all(float(branch.get("x", "0")) > right for branch in (*ends, *backs))


def test_a_no_that_goes_back_ends_at_the_first_step() -> None:
    drawing = chart(ASKED)
    first = boxes(drawing)[1]
    ways = [shape.get("d", "") for shape in drawing if shape.get("class") == "flow-line" and "V" in shape.get("d", "")]
    assert len(ways) == 1
    height = float(ways[0].split("V")[1].split("H")[0])
    assert first[1] < height < first[3]


def test_words_that_look_like_marks_are_words() -> None:
    drawing = ET.fromstring(draw((Step('<b>"甲" & 乙</b>', "a < b", ""),), "zh-CN"))
    assert "".join(said(drawing, "flow-name")) == '<b>"甲" & 乙</b>'
    assert drawing.find(f".//{SVG}b") is None


def test_english_readers_are_told_yes_and_no_in_english() -> None:
    drawing = ET.fromstring(draw(parse_steps(ASKED), "en"))
    assert {"Start", "yes", "no", "End"} <= set(said(drawing))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("短", ["短"]),
        ("一二三四五六七八", ["一二三四", "五六七八"]),
        ("一二三四五六七", ["一二三四", "五六七"]),
        ("一二三四五，六七", ["一二三四", "五，六七"]),
        ("一二三四五，六七八九", ["一二三四五，", "六七八九"]),
        ("HJ 1077", ["HJ 1077"]),
        ("", []),
    ],
)
def test_a_text_breaks_into_even_lines_and_never_before_a_comma(text: str, lines: list[str]) -> None:
    assert wrapped(text, 50, 10) == lines


words = st.text(alphabet="甲乙丙丁，（）abc 12、", min_size=1, max_size=30).filter(lambda text: text.strip() != "")
steps = st.builds(
    lambda name, who, time, decision, otherwise, back: Step(
        name, who, time, decision, otherwise if decision else "", back and decision
    ),
    *(words, words, st.one_of(st.just(""), words), st.booleans(), words, st.booleans()),
)


def check_sound(drawn: tuple[Step, ...]) -> None:
    """Everything is said, nothing overlaps, and all lies inside of the drawing."""
    drawing = ET.fromstring(draw(drawn, "zh-CN"))
    _, _, width, height = map(float, drawing.get("viewBox", "").split())
    shapes = boxes(drawing)
    assert len(shapes) == len(drawn) + sum(step.decision for step in drawn) + 2
    for one, other in combinations(shapes, 2):
        assert not overlap(one, other)
    for left, top, right, bottom in shapes:
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
    joined = "".join(said(drawing)).replace(" ", "")
    for step in drawn:
        assert step.name.replace(" ", "") in joined
        assert step.otherwise.replace(" ", "") in joined


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=9).map(tuple))
def test_whatever_the_steps_the_chart_says_them_all_and_nothing_overlaps(drawn: tuple[Step, ...]) -> None:
    check_sound(drawn)


def test_every_guide_of_the_region_has_a_sound_chart_that_fits_on_a_page(cixi: Region) -> None:
    guides = [matter.guide for matter in cixi.list_version.matters if matter.guide and matter.guide.steps]
    assert guides
    for guide in guides:
        check_sound(guide.steps)
        _, _, width, height = map(float, ET.fromstring(draw(guide.steps, "zh-CN")).get("viewBox", "").split())
        # 178 mm × 225 mm of paper: at this shape the words are not smaller than 7 points.
        assert height / width < 3.2
    for one, other in pairwise(guides):
        assert one.steps != other.steps
