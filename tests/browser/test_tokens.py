"""The palette: text can be read in both themes, and levels are told apart by every eye."""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from tests.browser.colours import DEFICIENCIES, ROOT, Colour, contrast, distance, lab, mixed, rgb, tokens

THEMES = tokens()
EYES = [None, *DEFICIENCIES]
TEXTS = ["ink", "ink-2", "ink-3", "amber", "red-ink", "focus"]
GROUNDS = ["ground", "panel", "panel-2", "map-land", "map-neighbour"]
# Pairs out of the supplement of Sharma, Wu, Dalal (2005), table 1.
PUBLISHED = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "published"), PUBLISHED)
def test_the_distance_is_the_published_one(one: tuple[float, ...], other: tuple[float, ...], published: float) -> None:
    assert distance(np.array(one), np.array(other)) == pytest.approx(published, abs=1e-4)


def test_black_on_white_has_the_contrast_of_the_standard() -> None:
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#777777"), rgb("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_can_be_read_on_every_ground(theme: str, text: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    palette = THEMES[theme]
    found = {ground: round(contrast(rgb(palette[text]), rgb(palette[ground])), 2) for ground in GROUNDS}
    assert {ground: ratio for ground, ratio in found.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_water_on_neighbours_and_on_the_banner_can_be_read(theme: str) -> None:
    palette = THEMES[theme]
    pairs = [("map-water-ink", "map-water"), ("map-neighbour-ink", "map-neighbour"), ("on-amber", "amber-fill")]
    pairs += [("ink", "map-water"), ("ink-2", "map-water")]
    assert [pair for pair in pairs if contrast(rgb(palette[pair[0]]), rgb(palette[pair[1]])) < 4.5] == []


@pytest.mark.parametrize("theme", THEMES)
def test_signs_stand_out_from_what_they_stand_on(theme: str) -> None:
    """WCAG 2.2, 1.4.11: 3 to 1. A diamond on light land is held by its hatching and edge as well: 2 to 1 is enough."""
    palette = THEMES[theme]
    assert contrast(rgb(palette["red"]), rgb(palette["map-land"])) >= 3
    assert contrast(rgb(palette["red"]), rgb(palette["ground"])) >= 3
    assert contrast(rgb(palette["amber-fill"]), rgb(palette["map-land"])) >= (3 if theme == "dark" else 2)


def levels(palette: dict[str, str]) -> dict[str, Colour]:
    """What fills a cell of each level: nothing, many cases in time, due soon, overdue (assets/js/palette.js)."""
    return {
        "none": rgb(palette["map-land"]),
        "pending": mixed(palette["map-pending"], 0.46, palette["map-land"]),
        "amber": rgb(palette["amber-fill"]),
        "red": rgb(palette["red-fill"]),
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", EYES)
def test_every_eye_tells_the_levels_apart(theme: str, eyes: str | None) -> None:
    """A distance of 10 is seen at a glance; 1 is just noticed by a trained eye."""
    seen = {name: lab(colour, eyes) for name, colour in levels(THEMES[theme]).items()}
    apart = {pair: round(distance(seen[pair[0]], seen[pair[1]]), 1) for pair in combinations(seen, 2)}
    assert {pair: far for pair, far in apart.items() if far < 10} == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("ramp", ["ramp", "late"])
def test_every_eye_sees_the_steps_of_a_measure_in_their_order(theme: str, eyes: str | None, ramp: str) -> None:
    palette = THEMES[theme]
    steps = [lab(rgb(palette[name]), eyes) for name in ("map-land", *(f"{ramp}-{n}" for n in range(1, 6)))]
    lightness = [step[0] for step in steps]
    assert lightness == sorted(lightness, reverse=theme == "light")
    assert min(distance(one, other) for one, other in pairwise(steps[1:])) > 7


def test_both_themes_hold_the_same_colours() -> None:
    text = (ROOT / "assets/css/10-tokens.css").read_text(encoding="utf8")
    dark, light = (set(re.findall(r"--([\w-]+):", block)) for block in text.split("data-theme"))
    assert dark == light


@pytest.mark.parametrize("path", sorted((ROOT / "assets/css").glob("[2-8]*.css")), ids=lambda path: path.name)
def test_the_screen_takes_its_colours_from_the_tokens_alone(path: object) -> None:
    text = path.read_text(encoding="utf8")  # type: ignore[attr-defined]
    # Paper has colours of its own, and a mask's black is no colour.
    screen = re.sub(r"@(media print|page)[^{]*\{(?:[^{}]|\{[^{}]*\})*\}", "", text)
    screen = re.sub(r"mask-image:[^;]*;", "", screen)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*\})|rgba?\([^)]*\)", screen) == []
