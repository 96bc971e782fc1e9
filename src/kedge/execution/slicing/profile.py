"""When the volume of a session is traded: a learned profile by time of day.

The estimate of a bucket's share is the exponentially weighted mean of its share in
each past session, so a quiet day counts as much as a busy one. It is a value: `traded`
gives the next one, and a snapshot or another process goes on from it.
"""

from typing import Final

import msgspec

DAY_NS: Final = 86_400_000_000_000


class Profile(msgspec.Struct, frozen=True):
    """Shares of a session's volume, and the session that is being counted.

    Attributes:
        bucket_ns: length of a bucket; all of them together are a session. They wrap where
            they fill a whole day.
        shares: of each bucket, sum 1.
        sessions: how many were learned.
        decay: weight of the past when a session is learned.
        session: number of the one being counted, -1 before the first.
        today: lots of each bucket in it.
    """

    bucket_ns: int
    shares: tuple[float, ...]
    sessions: int = 0
    decay: float = 0.9
    session: int = -1
    today: tuple[float, ...] = ()


def flat(session_ns: int = DAY_NS, buckets: int = 48, decay: float = 0.9) -> Profile:
    """Before anything is known: volume is the same at all times."""
    return Profile(session_ns // buckets, (1.0 / buckets,) * buckets, decay=decay)


FLAT: Final = flat()


def traded(profile: Profile, session: int, since_open: int, lots: float) -> Profile:
    """The profile after ``lots`` were traded.

    Args:
        profile: so far.
        session: number of the trading session; another one than before ends that.
        since_open: ns since the session opened.
        lots: above zero; anything else is no volume.
    """
    if session != profile.session:
        profile = _next_session(profile, session)
    bucket = since_open // profile.bucket_ns
    if not 0.0 < lots < float("inf") or not 0 <= bucket < len(profile.today):
        return profile
    today = profile.today
    counted = (*today[:bucket], today[bucket] + lots, *today[bucket + 1 :])
    return msgspec.structs.replace(profile, today=counted)


def _next_session(profile: Profile, session: int) -> Profile:
    total = sum(profile.today)
    shares, learned = profile.shares, profile.sessions
    if 0.0 < total < float("inf"):
        # The first session replaces the flat guess; then each weighs 1 - decay.
        past = profile.decay if learned else 0.0
        shares = tuple(
            past * share + (1.0 - past) * lots / total
            for share, lots in zip(shares, profile.today, strict=True)
        )
        learned += 1
    empty = (0.0,) * len(shares)
    return msgspec.structs.replace(
        profile, shares=shares, sessions=learned, session=session, today=empty
    )


def share(profile: Profile, start: int, end: int) -> float:
    """Expected share of a session's volume from ``start`` to ``end``, ns since it opened.

    Even inside a bucket; nothing outside the session, unless its buckets fill a day.
    """
    return _through(profile, end) - _through(profile, start)


def _through(profile: Profile, at: int) -> float:
    """Share from the opening to ``at``; whole days count one each."""
    shares, size = profile.shares, profile.bucket_ns
    span = len(shares) * size
    days, rest = 0, min(max(at, 0), span)
    if span == DAY_NS:
        days, rest = divmod(at, span)
    full, part = divmod(rest, size)
    inside = shares[full] * (part / size) if part else 0.0
    return days + sum(shares[:full]) + inside
