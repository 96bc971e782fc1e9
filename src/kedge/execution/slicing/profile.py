"""When the volume of a session is traded: each stretch's share of it, by time since the opening.

Inside a stretch volume changes evenly, as steeply as from the stretch before to the one
after, and is nowhere below zero. So a plan that is shorter than a stretch has a shape, too,
and each stretch keeps its share. How shares are learned: `kedge.execution.slicing.volumes`.
"""

from typing import Final

import msgspec

DAY_NS: Final = 86_400_000_000_000
BUCKETS: Final = 48
"""Stretches of a session at most."""


class Profile(msgspec.Struct, frozen=True):
    """Shares of a session's volume.

    Attributes:
        length_ns: of a session, which the buckets divide evenly. They wrap where it is a day.
        shares: of each bucket, sum 1.
        sessions: from which they were learned, 0 for a guess.
    """

    length_ns: int
    shares: tuple[float, ...]
    sessions: int = 0


def flat(length_ns: int = DAY_NS, buckets: int = BUCKETS) -> Profile:
    """Before anything is known: volume is the same at all times."""
    return Profile(length_ns, (1.0 / buckets,) * buckets)


FLAT: Final = flat()


def share(profile: Profile, start: int, end: int) -> float:
    """Expected share of a session's volume from ``start`` to ``end``, ns since it opened.

    Nothing outside the session, unless it is a day.
    """
    return _through(profile, end) - _through(profile, start)


def _through(profile: Profile, at: int) -> float:
    """Share from the opening to ``at``; whole days count one each."""
    shares, length = profile.shares, profile.length_ns
    days, rest = 0, min(max(at, 0), length)
    if length == DAY_NS:
        days, rest = divmod(at, length)
    whole = rest * len(shares) // length
    part = rest * len(shares) / length - whole
    inside = _inside(profile, whole, part) if part > 0.0 else 0.0
    return days + sum(shares[:whole]) + inside


def _inside(profile: Profile, bucket: int, part: float) -> float:
    """Share from a bucket's beginning to a part of it, above 0 and below 1."""
    mine = profile.shares[bucket]
    before, after = _neighbour(profile, bucket, -1), _neighbour(profile, bucket, 1)
    run = (before is not None) + (after is not None)
    rise = ((mine if after is None else after) - (mine if before is None else before)) / max(1, run)
    rise = min(2.0 * mine, max(-2.0 * mine, rise))
    return part * (mine + 0.5 * rise * (part - 1.0))


def _neighbour(profile: Profile, bucket: int, step: int) -> float | None:
    """The share beside a bucket's; a day's last is before its first."""
    shares, at = profile.shares, bucket + step
    if profile.length_ns == DAY_NS:
        return shares[at % len(shares)]
    return shares[at] if 0 <= at < len(shares) else None
