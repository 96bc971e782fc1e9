"""The ladder of higher frames for a row's interval."""

_SECOND = 1_000_000_000
LADDER: tuple[tuple[str, int], ...] = (
    ("1m", 60 * _SECOND),
    ("5m", 300 * _SECOND),
    ("15m", 900 * _SECOND),
    ("1h", 3_600 * _SECOND),
    ("4h", 14_400 * _SECOND),
    ("1d", 86_400 * _SECOND),
    ("1w", 604_800 * _SECOND),
)
ROLES = ("confirmation", "structure", "major")


def roles(interval_ns: int) -> dict[str, str]:
    """Frames for confirmation, structure and major trend.

    One-minute rows get 5 m, 15 m and 1 h. Rows too coarse for three higher
    frames repeat the highest; daily rows confirm on themselves.
    """
    higher = [name for name, ns in LADDER if ns > interval_ns and ns % interval_ns == 0]
    if len(higher) < len(ROLES):
        same = [name for name, ns in LADDER if ns == interval_ns]
        higher = [*same, *higher]
    while 0 < len(higher) < len(ROLES):
        higher.append(higher[-1])
    return dict(zip(ROLES, higher, strict=False))
