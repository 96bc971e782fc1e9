"""The matching engine against a naive one, and the invariants that any book must keep."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.domain.order import OrderType, TimeInForce
from kedge.domain.report import End
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.working import Gone, Match, Refusal, Touched, Working
from naive_book import NaiveBook, Plain

TIF = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)
ENDS = {End.FILLED: "filled", End.CANCELLED: "cancelled", End.EXPIRED: "expired"}
WHY = {
    None: None,
    Refusal.WOULD_TAKE: "would take",
    Refusal.WOULD_TRIGGER: "would trigger",
    Refusal.REDUCES_NOTHING: "reduces nothing",
}


@st.composite
def asked(draw):
    """One thing asked of a book: the terms of an order, or an earlier number to cancel."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.integers(1, 40))
    owner = draw(st.sampled_from((0, 0, 0, 1, 1, 2)))
    terms = {
        "owner": owner,
        "side": draw(st.sampled_from((1, -1))),
        "lots": draw(st.integers(1, 9)),
        "limit": draw(st.sampled_from((0, 97, 98, 99, 100, 101, 102, 103))),
    }
    if not owner:
        return terms
    kind = draw(st.sampled_from(("plain", "ioc", "fok", "post", "reduce", "iceberg", "stop")))
    limited = terms | {"limit": terms["limit"] or 100}
    return {
        "plain": terms,
        "ioc": terms | {"tif": 2},
        "fok": terms | {"tif": 3, "reduce_only": draw(st.booleans())},
        "post": limited | {"post_only": True},
        "reduce": terms | {"reduce_only": True, "display": draw(st.sampled_from((0, 2)))},
        "iceberg": limited | {"display": draw(st.integers(1, 3))},
        "stop": terms | {"trigger": draw(st.integers(96, 104)), "reduce_only": draw(st.booleans())},
    }[kind]


SESSIONS = st.lists(asked(), min_size=1, max_size=40)


def _working(number, terms):
    tif = TIF[terms.get("tif", 1) - 1]
    kinds = {(0, 0): 1, (1, 0): 2, (0, 1): 3, (1, 1): 4}
    kind = OrderType(kinds[bool(terms["limit"]), bool(terms.get("trigger"))])
    return Working(number=number, **(terms | {"tif": tif, "kind": kind}))


def _told(happened):
    for what in happened:
        match what:
            case Match():
                yield "fill", what.maker, what.taker, what.ticks, what.lots
            case Gone():
                yield "gone", what.number, ENDS[what.why], what.filled
            case Touched():
                yield "touched", what.number


def _run(session, positions=(0, 0)):
    """Every step of a session: the matcher, the number and terms asked, and what was answered."""
    book = Matcher()
    book.positions = dict(enumerate(positions, 1))
    for number, terms in enumerate(session, 1):
        before = len(book.happened)
        if isinstance(terms, int):
            answer = book.cancel(terms)
        else:
            answer = book.submit(_working(number, terms))
        yield book, number, terms, answer, book.happened[before:]


@settings(max_examples=400, deadline=None)
@given(SESSIONS, st.tuples(st.integers(-12, 12), st.integers(-12, 12)))
def test_the_matcher_does_what_a_naive_book_does(session, positions):
    naive = NaiveBook()
    naive.position = dict(enumerate(positions, 1))
    for book, number, terms, answer, _ in _run(session, positions):
        if isinstance(terms, int):
            assert answer == naive.cancel(terms)
        else:
            assert WHY[answer] == naive.submit(Plain(number, **terms))
        assert list(_told(book.happened)) == naive.log
        for side in (1, -1):
            queue = [(o.number, o.left, o.shown) for o in book.halves[side].orders()]
            mine = [o for o in naive.resting if o.side == side]
            mine.sort(key=lambda o: (-side * o.limit, o.turn))
            assert queue == [(o.number, o.left, o.slice) for o in mine]
        assert book.positions == naive.position


@settings(max_examples=200, deadline=None)
@given(SESSIONS)
def test_the_resting_book_never_crosses_and_its_levels_add_up(session):
    for book, *_ in _run(session):
        bids, asks = book.halves[1], book.halves[-1]
        assert not (bids.best and asks.best) or bids.best < asks.best
        for half in (bids, asks):
            assert sorted(half.levels) == half.ranks
            for level in half.levels.values():
                assert level.shown == sum(o.shown for o in level.queue) > 0
                assert all(0 < o.shown <= o.left for o in level.queue)


@settings(max_examples=200, deadline=None)
@given(SESSIONS)
def test_lots_are_neither_made_nor_lost(session):
    submitted, ended = {}, {}
    steps = list(_run(session))
    book = steps[-1][0]
    for _, number, terms, answer, news in steps:
        if not isinstance(terms, int) and answer is None:
            submitted[number] = terms
        ended |= {e.number: e for e in news if isinstance(e, Gone)}
    matches = [e for e in book.happened if isinstance(e, Match)]
    moved = {}
    for number, terms in submitted.items():
        filled = sum(m.lots for m in matches if number in (m.maker, m.taker))
        assert filled <= terms["lots"]
        if terms["owner"]:
            assert (number in ended) != (number in book.orders)
            moved[terms["owner"]] = moved.get(terms["owner"], 0) + terms["side"] * filled
        if number in ended:
            assert ended[number].filled == filled
        if number in book.orders:
            working = book.orders[number]
            assert working.filled == filled
            assert working.left == terms["lots"] - filled or terms.get("reduce_only")
    assert {n: lots for n, lots in book.positions.items() if lots} == {
        n: lots for n, lots in moved.items() if lots
    }


@settings(max_examples=200, deadline=None)
@given(SESSIONS)
def test_fill_or_kill_fills_whole_or_not_at_all(session):
    for _, number, terms, answer, news in _run(session):
        if isinstance(terms, dict) and terms.get("tif") == 3 and answer is None:
            taken = sum(e.lots for e in news if isinstance(e, Match) and e.taker == number)
            assert taken in (0, terms["lots"])


@settings(max_examples=200, deadline=None)
@given(SESSIONS)
def test_post_only_never_takes_and_reduce_only_never_opens(session):
    reducing, posting = set(), set()
    held = {}
    for _, number, terms, _, news in _run(session, (5, -5)):
        if isinstance(terms, dict) and terms.get("reduce_only"):
            reducing.add(number)
        if isinstance(terms, dict) and terms.get("post_only"):
            posting.add(number)
        for e in news:
            if not isinstance(e, Match):
                continue
            assert e.taker not in posting
            for mine, owner, side in (
                (e.maker, e.maker_owner, -e.side),
                (e.taker, e.taker_owner, e.side),
            ):
                before = held.setdefault(owner, {1: 5, 2: -5}.get(owner, 0))
                held[owner] += side * e.lots
                if mine in reducing:
                    assert abs(held[owner]) == abs(before) - e.lots


@settings(max_examples=150, deadline=None)
@given(SESSIONS, st.integers(1, 40), st.integers(1, 9), st.sampled_from((98, 100, 102)))
def test_a_replacement_is_taken_only_where_the_old_order_still_was(session, number, lots, limit):
    book = list(_run(session))[-1][0]
    owned = {n for n, o in book.orders.items() if o.owner == 1}
    before = len(book.happened)
    newcomer = Working(99, 1, 1, lots, limit, OrderType.LIMIT)
    answer = book.replace(number, newcomer)
    if number not in owned and number not in book.orders and answer is Refusal.UNKNOWN:
        assert book.happened[before:] == []
    else:
        assert number not in book.orders


def test_records_of_the_book_are_plain_messages():
    match = Match(1, 2, 0, 3, 1, 1, 100, 5)
    assert msgspec.json.decode(msgspec.json.encode(match), type=Match) == match
