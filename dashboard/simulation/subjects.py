"""Whom cases are about: made-up restaurants, workshops and building sites, each of which stays at its place.

A subject is new when its first case is told and is met again in the cases that are told with that one. Numbers come
round after `CYCLE` hours, longer than any visit is recent, and then mean the same subject at the same place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cases.inspection import credit_code
from dashboard.simulation.profiles import Profile
from dashboard.simulation.world import Spot, World

CYCLE = 3600
"""Hours after which numbers come round: 150 days, well over the 90 in which a visit is recent."""
SLOTS = 8
"""So many new subjects of one kind can there be in an hour."""
MOST_SEEDS = 9


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of subject.

    Attributes
    ----------
    word
        What its subjects are called, before the number.
    shares
        Matter to the part of its cases that are about such a subject.
    later
        Matter to how often a further case of a subject is about it.
    """

    word: str
    shares: Mapping[str, float]
    later: Mapping[str, float]
    licensed: bool = True


KINDS = (
    Kind(
        "示范餐饮店",
        {"YJS-01": 0.85, "YJS-04": 0.75, "SD-17": 0.8, "SD-03": 0.3},
        {"YJS-01": 5, "YJS-04": 3, "SD-17": 3, "SD-03": 2},
    ),
    Kind(
        "示范加工厂",
        {"YJS-07": 0.85, "SD-18": 0.7, "SD-12": 0.5, "SD-38": 0.7},
        {"YJS-07": 4, "SD-18": 3, "SD-12": 1, "SD-38": 3},
    ),
    Kind("示范工地", {"YJS-11": 0.9, "SD-23": 0.8}, {"YJS-11": 5, "SD-23": 4}, licensed=False),
)
KIND_OF = {matter: kind for kind in KINDS for matter in kind.shares}


@dataclass(frozen=True, slots=True)
class Subject:
    """An enterprise or a site: as reports and officers name it, and where it is."""

    given: Mapping[str, Any]
    where: Spot


def subject_of(world: World, seed: int, kind: Kind, number: int, matter: str, profile: Profile) -> Subject:
    """Give a subject by its number: the same one at the same place for a seed, whenever it is asked."""
    fixed = np.random.default_rng([seed, 31, KINDS.index(kind), number])
    hot = fixed.random() < profile.hot
    where = world.hot_spot(matter, profile.setting, seed, fixed) if hot else world.spot(profile.setting, fixed)
    name = f"{kind.word}{seed % MOST_SEEDS}{number:05}"
    if not kind.licensed:
        return Subject({"site": name, "name": f"{name}（在建）"}, where)
    serial = ((seed % MOST_SEEDS) * len(KINDS) + KINDS.index(kind)) * CYCLE * SLOTS + number
    return Subject({"credit_code": made_up_code(world.county_code, serial), "name": name}, where)


def made_up_code(county: str, serial: int) -> str:
    """Give a credit code that is right by GB 32100-2015 and that no enterprise can have.

    The check digit of the nine characters inside (GB 11714) is wrong on purpose: every code that was given since 2015
    has a right one.
    """
    letters = ""
    for _ in range(6):
        serial, digit = divmod(serial, 31)
        letters = credit_code.ALPHABET[digit] + letters
    body = f"MA{letters}"
    values = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    right = -sum(w * values.index(c) for w, c in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True)) % 11
    code = f"92{county}{body}{(right + 1) % 10}"  # 10 would be written X, so a digit is wrong in any case
    return code + credit_code.check_character(code)
