"""Rules that every execution style keeps, whatever fills, is cancelled or traded meanwhile."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.domain.decided import Intent
from kedge.execution.slicing.catalogue import STYLES
from kedge.execution.slicing.plan import FOREVER, HOUR_NS, Plan, Progress, SliceTerms
from kedge.execution.slicing.profile import DAY_NS, Profile
from kedge.execution.slicing.work import due, next_due, over

S = 1_000_000_000
START = 1_700_000_000 * S


def learned(rng: Random):
    volumes = [rng.random() * 10 for _ in range(24)]
    return Profile(DAY_NS, tuple(each / sum(volumes) for each in volumes), 1)


def random_plan(seed: int, name: str) -> tuple[Plan, SliceTerms, Intent, Random]:
    rng = Random(seed)
    lots = rng.choice((1, 7, 100, 1_000, rng.randint(1, 5_000))) * rng.choice((1, -1))
    reduces = rng.random() < 0.5
    per_order = rng.choice((0, 5, 50, 500, 10_000))
    terms = SliceTerms(
        min_lots=rng.choice((1, 1, 5, 20, 60)), per_order=per_order,
        per_hour=rng.choice((per_order, 2 * per_order, 10 * per_order)),
        reduces=reduces, closes=reduces and rng.random() < 0.5,
        gap_ns=rng.choice((30, 60, 300)) * S, span_ns=rng.choice((0, 60, 1_800, 7_200)) * S,
        share=rng.choice((0.02, 0.1, 1.0)), shown=rng.choice((0, 3, 50)),
        largest=rng.choice((FOREVER, 60, 1_000)),
        hidden=rng.random() < 0.3, profile=learned(rng), opened=START - START % (24 * HOUR_NS),
    )  # fmt: skip
    start = START + rng.randrange(HOUR_NS)
    until = start + rng.choice((1, 600, 3_600, 6 * 3_600)) * S
    intent = Intent(start, 1, 0, 0, lots, 10_000, 0, 0, until)
    return STYLES[name](intent, terms, start), terms, intent, rng


class Worked:
    """An intent worked off in a market that trades, fills and lets orders be cancelled."""

    def __init__(self, seed: int, name: str) -> None:
        self.plan, self.terms, self.intent, self.rng = random_plan(seed, name)
        self.now = self.intent.at
        self.calm = self.rng.random() < 0.5
        self.filled = self.open = self.traded = 0
        self.children: list[tuple[int, int, bool]] = []

    def progress(self, at: int) -> Progress:
        used = sum(lots for t, lots, _ in self.children if t // HOUR_NS == at // HOUR_NS)
        last = self.children[-1][0] if self.children else -1
        return Progress(self.filled + self.open, self.open, last, used, self.traded)

    def meanwhile(self) -> None:
        self.traded += self.rng.randrange(2_000)
        if self.open:
            part = self.open if self.calm else self.rng.randint(0, self.open)
            self.filled, self.open = self.filled + part, self.open - part
            if not self.calm and self.rng.random() < 0.5:
                self.open = 0

    def run(self) -> None:
        for _ in range(600):
            progress = self.progress(self.now)
            lots = due(self.plan, self.now, progress)
            if lots:
                whole = lots == self.plan.lots - progress.worked
                self.children.append((self.now, lots, whole))
                self.open += lots
                continue
            self.check_nothing_before_next()
            following = next_due(self.plan, self.now, progress)
            self.meanwhile()
            if following == FOREVER:
                if over(self.plan, self.now, self.progress(self.now)):
                    return
                following = self.now + 10 * S
            self.now = max(self.now + 1, following if self.calm else self.rng.choice(
                (following, min(following, self.now + 5 * S))))  # fmt: skip

    def check_nothing_before_next(self) -> None:
        progress = self.progress(self.now)
        following = next_due(self.plan, self.now, progress)
        assert following > self.now
        early = self.rng.randrange(self.now, min(following, self.plan.until + S) + 1)
        if early < following:
            assert due(self.plan, early, self.progress(early)) == 0


@pytest.mark.parametrize("name", STYLES)
@settings(max_examples=120, deadline=None)
@given(st.integers(0, 2**32))
def test_children_keep_every_rule(name: str, seed: int) -> None:
    work = Worked(seed, name)
    work.run()
    plan, terms = work.plan, work.terms
    assert work.filled + work.open <= plan.lots == abs(work.intent.lots)
    times = [at for at, _, _ in work.children]
    assert all(b - a >= 30 * S for a, b in pairwise(times))
    assert all(work.intent.at <= at < work.intent.until for at in times)
    hours: dict[int, int] = {}
    for at, lots, last in work.children:
        assert lots >= terms.min_lots or (terms.closes and last)
        assert lots <= terms.largest
        if not terms.reduces:
            assert lots <= terms.per_order
        elif terms.per_order:
            assert lots <= max(terms.per_order, terms.min_lots)
        hours[at // HOUR_NS] = hours.get(at // HOUR_NS, 0) + lots
    if not terms.reduces:
        assert max(hours.values(), default=0) <= terms.per_hour


@pytest.mark.parametrize("name", ["whole", "twap", "vwap", "iceberg"])
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_with_time_and_volume_enough_all_is_done_but_dust(name: str, seed: int) -> None:
    work = Worked(seed, name)
    work.calm = True
    work.run()
    plan = work.plan
    left = plan.lots - work.filled
    reason = over(plan, work.now, work.progress(work.now))
    if reason == "all of it is done":
        assert left == 0
    elif reason == "the rest is below the venue's minimum":
        assert 0 < left < plan.min_lots
        assert not plan.closes
        assert plan.most < plan.lots or plan.lots < plan.min_lots or plan.hourly < plan.lots
    elif reason == "its share of volume is below the venue's minimum":
        assert not work.terms.reduces
        assert min(plan.most, plan.hourly) < plan.min_lots
    else:
        assert reason == "its time is up"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_share_of_volume_is_never_exceeded_by_more_than_a_merged_rest(seed: int) -> None:
    work = Worked(seed, "pov")
    for _ in range(300):
        progress = work.progress(work.now)
        lots = due(work.plan, work.now, progress)
        allowed = work.terms.share * work.traded
        merged = progress.worked + lots == work.plan.lots
        assert not lots or progress.worked + lots <= allowed + work.terms.min_lots * merged
        if lots:
            work.children.append((work.now, lots, False))
            work.filled += lots
        work.traded += work.rng.randrange(500)
        work.now += 7 * S
