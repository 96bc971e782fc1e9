"""A simulated venue as bytes, so that it outlives the process it was in."""

from collections import deque

import msgspec
import numpy as np

from kedge.domain.errors import DataError
from kedge.domain.market import BookDelta, Funding, MarketEvent, Quote, Trade
from kedge.domain.report import Filled, VenueReport
from kedge.venues.simulated.account import Account, Hold
from kedge.venues.simulated.book import Half
from kedge.venues.simulated.entries import Entry
from kedge.venues.simulated.exchange import Exchange
from kedge.venues.simulated.latency import Mail
from kedge.venues.simulated.market import Public
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.requests import Sent
from kedge.venues.simulated.stops import Stops
from kedge.venues.simulated.venue import SimulatedVenue
from kedge.venues.simulated.working import Working

_Drawn = tuple[int, tuple[int, ...], float | None]


class _Book(msgspec.Struct, array_like=True):
    """Orders by priority; those that wait and those that reduce by number, in order."""

    resting: list[Working]
    waiting: list[Working]
    reducing: dict[int, list[int]]
    positions: dict[int, int]
    last: int
    trades: int
    halted: bool


class _Account(msgspec.Struct, array_like=True):
    cash: dict[str, int]
    lots: dict[int, int]
    fees: dict[str, int]
    funding: dict[str, int]
    holds: dict[int, Hold]


class _Delta(msgspec.Struct, array_like=True, tag=1):
    key: int
    event_time: int
    available_time: int
    first: int
    last: int
    previous: int
    levels: list[tuple[int, int, int]]
    snapshot: bool


class _Trade(msgspec.Struct, array_like=True, tag=2):
    told: Trade


class _Quote(msgspec.Struct, array_like=True, tag=3):
    told: Quote


class _Funding(msgspec.Struct, array_like=True, tag=4):
    told: Funding


class _Venue(msgspec.Struct, array_like=True):
    """Everything that changes; what a venue is set up from is not in it."""

    seed: int
    now: int
    books: dict[int, _Book]
    account: _Account
    entries: list[Entry]
    count: int
    executions: int
    fills: list[Filled]
    public: dict[int, Public]
    asked: int
    requests: list[tuple[int, tuple[int, Sent]]]
    mail: list[tuple[int, tuple[int, VenueReport]]]
    feed: list[_Delta | _Trade | _Quote | _Funding]
    stream_due: int
    feed_due: int
    skew: int
    randoms: dict[str, _Drawn]
    market: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Venue)


def dump(venue: SimulatedVenue) -> bytes:
    """Everything about a venue that is not in its setup."""
    exchange, entries = venue.exchange, venue.exchange.entries
    state = _Venue(
        seed=venue.setup.seed,
        now=venue.now,
        books={key: _book(matcher) for key, matcher in exchange.matchers.items()},
        account=_account(exchange.account),
        entries=entries.remembered(),
        count=entries.count,
        executions=entries.executions,
        fills=list(entries.fills),
        public=venue.public,
        asked=venue.asked,
        requests=venue.requests.waiting(),
        mail=venue.mail.waiting(),
        feed=[_told(event) for event in venue.feed],
        stream_due=venue.stream_due,
        feed_due=venue.feed_due,
        skew=venue.skew,
        randoms={name: random.getstate() for name, random in venue.randoms.items()},
        market=venue.market.dump(),
    )
    return _encoder.encode(state)


def load(venue: SimulatedVenue, state: bytes) -> None:
    """Let a venue that was just made from the same setup go on from where `dump` stood.

    Raises:
        DataError: the bytes are no venue, or one of another setup.
    """
    try:
        was = _decoder.decode(state)
    except msgspec.DecodeError as error:
        raise DataError(f"not a simulated venue: {error}", remedy="start a new one") from error
    if was.seed != venue.setup.seed or was.books.keys() != venue.exchange.matchers.keys():
        raise DataError("the saved venue was set up differently", remedy="keep its setup")
    for key, book in was.books.items():
        _put_book(venue.exchange.matchers[key], book)
    _put_account(venue.exchange.account, was.account)
    _put_entries(venue.exchange, was)
    venue.now = venue.exchange.at = was.now
    venue.public, venue.asked = was.public, was.asked
    venue.requests, venue.mail = Mail(), Mail()
    for due, line in was.requests:
        venue.requests.send(due, line)
    for due, report in was.mail:
        venue.mail.send(due, report)
    venue.feed = deque(_event(told) for told in was.feed)
    venue.stream_due, venue.feed_due, venue.skew = was.stream_due, was.feed_due, was.skew
    for name, drawn in was.randoms.items():
        venue.randoms[name].setstate(drawn)
    venue.market.load(was.market)


def _book(matcher: Matcher) -> _Book:
    return _Book(
        resting=[order for side in (1, -1) for order in matcher.halves[side].orders()],
        waiting=list(matcher.stops.waiting.values()),
        reducing={who: [o.number for o in orders] for who, orders in matcher.reducing.items()},
        positions=matcher.positions,
        last=matcher.last,
        trades=matcher.trades,
        halted=matcher.halted,
    )


def _put_book(matcher: Matcher, book: _Book) -> None:
    matcher.orders = {order.number: order for order in (*book.resting, *book.waiting)}
    matcher.halves = {1: Half(1), -1: Half(-1)}
    matcher.stops = Stops()
    for order in book.resting:
        matcher.halves[order.side].put(order)
    for order in book.waiting:
        matcher.stops.add(order)
    for half in matcher.halves.values():
        half.touched.clear()
    matcher.reducing = {
        who: [matcher.orders[number] for number in numbers]
        for who, numbers in book.reducing.items()
    }
    matcher.positions, matcher.last = book.positions, book.last
    matcher.trades, matcher.halted = book.trades, book.halted


def _account(account: Account) -> _Account:
    return _Account(account.cash, account.lots, account.fees, account.funding, account.holds)


def _put_account(account: Account, was: _Account) -> None:
    for number in list(account.holds):
        account.release(number)
    for code, amount in was.cash.items():
        account.deposit(code, amount - account.cash.get(code, 0))
    account.lots, account.fees, account.funding = was.lots, was.fees, was.funding
    for number, hold in was.holds.items():
        account.lock(number, hold)


def _put_entries(exchange: Exchange, was: _Venue) -> None:
    entries = exchange.entries
    for entry in was.entries:
        if entry.ended is None:  # the book works on the very order that the entry speaks of
            entry.working = exchange.matchers[entry.order.key].orders[entry.working.number]
        entries.recall(entry)
    entries.count, entries.executions = was.count, was.executions
    entries.fills.extend(was.fills)


def _told(event: MarketEvent) -> _Delta | _Trade | _Quote | _Funding:
    match event:
        case BookDelta():
            return _Delta(
                key=event.key,
                event_time=event.event_time,
                available_time=event.available_time,
                first=event.first,
                last=event.last,
                previous=event.previous,
                levels=event.levels.tolist(),
                snapshot=event.snapshot,
            )
        case Trade():
            return _Trade(event)
        case Quote():
            return _Quote(event)
        case Funding():
            return _Funding(event)
        case _:
            raise TypeError(f"the venue's feed has no {type(event).__name__}")


def _event(told: _Delta | _Trade | _Quote | _Funding) -> MarketEvent:
    if not isinstance(told, _Delta):
        return told.told
    return BookDelta(
        key=told.key,
        event_time=told.event_time,
        available_time=told.available_time,
        first=told.first,
        last=told.last,
        previous=told.previous,
        levels=np.array(told.levels, np.int64).reshape(-1, 3),
        snapshot=told.snapshot,
    )
