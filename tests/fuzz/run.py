"""Running a target on many inputs, the same for the same seed, with a limit of time for each."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from types import FrameType

from tests.fuzz.mutation import mutated, seeds
from tests.fuzz.targets import TARGETS

HANGS = 20  # seconds after which an input counts as one that hangs
FRESH = 40  # inputs of its own making that are kept beside the seeds


class HangError(Exception):
    """An input took too long."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An input of which something does not hold; `kind` is the same for what has the same cause."""

    kind: str
    data: bytes


def _hang(_signal: int, _frame: FrameType | None) -> None:
    raise HangError


def attempt(name: str, data: bytes) -> Failure | None:
    """Run a target on an input; None where all holds."""
    before = signal.signal(signal.SIGALRM, _hang)
    signal.alarm(HANGS)
    try:
        TARGETS[name].run(data)
    except Exception as error:  # noqa: BLE001  (any exception is a finding)
        places = traceback.extract_tb(error.__traceback__)[-3:]
        where = " < ".join(f"{each.name}:{each.lineno}" for each in reversed(places))
        said = str(error).split("\n")[0][:100] if isinstance(error, AssertionError) else ""
        return Failure(f"{type(error).__name__} {where} {said if not where else ''}".strip(), data)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return None


def fuzz(name: str, seed: int, count: int, told: Callable[[Failure], bool]) -> int:
    """Run a target on its seeds' offspring; stops where `told` says so. How many were run."""
    random = Random(seed)
    stock = seeds(TARGETS[name].seeds)
    others = list(stock)
    for number in range(count):
        data = mutated(random, random.choice(stock), others)
        if random.random() < 0.1:
            stock.append(data)
            del stock[len(others) + FRESH :]
        failure = attempt(name, data)
        if failure is not None and not told(failure):
            return number + 1
    return count
