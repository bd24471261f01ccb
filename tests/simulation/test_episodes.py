"""What hangs together is told together: the cases of one subject, duplicates, what only looks like one."""

from collections import defaultdict
from datetime import timedelta
from math import cos, hypot, radians

import numpy as np
import pytest

from cases.inspection import read_credit_code
from dashboard.simulation.episodes import ANOTHER, careless
from dashboard.simulation.profiles import profile_of
from dashboard.simulation.story import REPORT
from dashboard.simulation.subjects import CYCLE, KIND_OF, KINDS, SLOTS, made_up_code, subject_of
from geo import crs
from tests.simulation.county import NOON, world
from tests.simulation.test_plan import STORIES

SUBJECTS = [
    (story, given)
    for story in STORIES
    if (given := next((step.body["subject"] for step in story.steps if "subject" in step.body), None))
]


def metres(one: dict, other: dict) -> float:
    (lon, lat), (lon2, lat2) = (
        [float(value[0]) for value in crs.to_wgs84(np.array([p["x"]]), np.array([p["y"]]), p["crs"])]
        for p in (one, other)
    )
    return hypot((lon - lon2) * 111_320 * cos(radians(lat)), (lat - lat2) * 111_320)


def points(story) -> list[dict]:
    """The points of the story's reports, except those that a careless source swapped."""
    found = [step.body["point"] for step in story.steps if step.kind == REPORT and "point" in step.body]
    return [point for point in found if point["x"] > point["y"]]


def of_kind(story, kind: str) -> list:
    return [step for step in story.steps if step.kind == kind]


def test_some_subjects_have_several_cases_at_one_place_and_their_names_say_that_they_are_made_up():
    several = 0
    for story, given in SUBJECTS:
        known = [step.body["subject"] for step in story.steps if "subject" in step.body]
        assert given["name"].startswith("示范")
        assert all(one == given for one in known)
        about = {step.case for step in story.steps if step.case in {story.key, *further(story)}}
        several += len(about) > 1
        places = points(story)
        assert all(metres(places[0], other) < 60 for other in places[1:])
    assert several > 0.25 * len(SUBJECTS)


def further(story) -> set[str]:
    return {step.case for step in story.steps if "-s" in step.case}


def test_no_two_stories_are_about_the_same_subject():
    codes = [given.get("credit_code") or given["site"] for _, given in SUBJECTS]
    assert len(codes) == len(set(codes)) > 200


def test_a_number_means_the_same_subject_at_the_same_place_whenever_it_is_asked():
    kind, profile = KIND_OF["YJS-01"], profile_of("YJS-01")
    first, second = (subject_of(world(), 1, kind, 17, "YJS-01", profile) for _ in range(2))
    assert first == second
    assert subject_of(world(), 2, kind, 17, "YJS-01", profile).given != first.given


@pytest.mark.parametrize("serial", [0, 1, 9, 10, 31, 12_345, CYCLE * SLOTS * len(KINDS) * 9])
def test_codes_are_right_by_the_standard_and_wrong_inside_so_that_no_enterprise_has_them(serial):
    code = made_up_code("330282", serial)
    assert read_credit_code(code) == code
    # GB 11714: weights 3 7 9 10 5 8 4 2, letters from A = 10.
    values = [int(character, 36) for character in code[8:16]]
    right = 11 - sum(w * v for w, v in zip((3, 7, 9, 10, 5, 8, 4, 2), values, strict=True)) % 11
    assert code[16] != {10: "X", 11: "0"}.get(right, str(right))


def test_subjects_of_one_seed_have_codes_of_their_own():
    assert len({made_up_code("330282", serial) for serial in range(5000)}) == 5000


def test_who_comes_again_without_belonging_to_the_visit_gives_a_reason_and_an_approver():
    second = [step for story, _ in SUBJECTS for step in of_kind(story, "arrived") if "reason" in step.body]
    assert second
    assert all(step.body["approved_by"] for step in second)
    assert all("-s" in step.case for step in second)


def test_duplicates_are_reported_near_and_soon_and_merged_with_a_reason_and_answered():
    merged = [story for story in STORIES if of_kind(story, "merged")]
    answered = 0
    for story in merged:
        (event,) = of_kind(story, "merged")
        report = next(step for step in story.steps if step.case == event.case)
        assert event.body["into"] == story.key
        assert report.at - story.steps[0].at < timedelta(hours=1, minutes=1)
        assert event.at > report.at
        answers = [step for step in of_kind(story, "answered") if step.case == event.case]
        assert all(step.at > event.at for step in answers)
        answered += bool(answers)
    assert 0.01 < len(merged) / len(STORIES) < 0.05
    assert answered > 0.8 * len(merged)


def test_what_only_looks_the_same_is_told_apart_and_so_is_what_a_subject_does_again():
    said = [
        (story, step) for story in STORIES for step in of_kind(story, "commented") if "not_duplicate_of" in step.body
    ]
    another = [story for story, step in said if step.body["text"] == ANOTHER]
    assert 0.01 < len(another) / len(STORIES) < 0.05
    assert len(said) > len(another)
    for story, step in said:
        reported = {one.case: one for one in story.steps if one.kind == REPORT}
        first, second = reported[step.body["not_duplicate_of"]], reported[step.case]
        assert first.case != second.case
        assert first.body["matter"] == second.body["matter"]
        assert step.at > max(first.at, second.at)


def test_a_point_is_given_in_the_words_of_its_source():
    spot = world().spot("anywhere", np.random.default_rng(1))
    point = careless(spot, "GCJ-02", np.random.default_rng(3))
    assert point["crs"] == "GCJ-02"
    assert metres(point, {"x": spot.lon, "y": spot.lat, "crs": "EPSG:4326"}) < 1


def test_disputes_cite_a_clause_are_heard_and_settled_by_the_adjudicator_sometimes_late():
    days = []
    for story in STORIES:
        opened: dict[str, list] = defaultdict(list)
        for step in story.steps:
            if step.kind == "disputed":
                assert step.body["clause"]
                opened[step.case].append(step.at)
            if step.kind == "settled":
                assert step.actor == "adjudicator"
                assert step.body["department"]
                days += [(step.at - at).days for at in opened[step.case]]
    assert len(days) > 10
    assert min(days) < 5 < max(days)


def test_nobody_states_a_view_after_the_decision():
    for story in STORIES:
        settled = {step.case: step.at for step in of_kind(story, "settled")}
        assert all(step.at < settled[step.case] for step in of_kind(story, "stated"))


def test_some_decisions_are_to_hold_for_the_next_such_case_in_the_township():
    decisions = [step.body for story in STORIES for step in of_kind(story, "settled")]
    rulings = [body["ruling"] for body in decisions if "ruling" in body]
    assert 0 < len(rulings) < len(decisions)
    assert all(ruling["change"] and ruling["township"] is True for ruling in rulings)


def test_most_results_are_answered_and_a_reopened_one_anew():
    results = [step for story in STORIES for step in of_kind(story, "finished")]
    answers = [step for story in STORIES for step in of_kind(story, "answered")]
    assert 0.85 < len(answers) / len(results) < 1
    for story in STORIES:
        for reopened in of_kind(story, "reopened"):
            after = [step for step in story.steps if step.case == reopened.case and step.at > reopened.at]
            assert [step.kind for step in after if step.kind in ("finished", "verified", "closed")] == [
                *("finished", "verified", "closed")
            ]


def test_everything_ends_within_the_time_that_a_backlog_looks_back():
    assert max(story.ends_at - story.steps[0].at for story in STORIES) < timedelta(days=24)


def test_stories_of_a_weekday_noon_are_not_all_about_subjects():
    assert 0.1 < len(SUBJECTS) / len([story for story in STORIES if story.steps[0].at < NOON]) < 0.5
