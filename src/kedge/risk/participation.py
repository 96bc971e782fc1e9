"""How many lots of an instrument may be ordered now (section 11)."""

from kedge.domain import state as o
from kedge.domain.compiled import inlined
from kedge.domain.state import Params, State

_HOUR_NS = 3_600_000_000_000


@inlined
def volume_left(n: int, ts: int, p: Params, s: State) -> int:
    """Lots that participation allows, per order and per clock hour; not negative."""
    hour = ts // _HOUR_NS
    if hour != s.I[n, o.I_HOUR]:
        s.I[n, o.I_HOUR] = hour
        s.I[n, o.I_USED] = 0
    average = s.F[n, o.F_AV]
    left = int(p.P[o.P_HOUR] * average) - s.I[n, o.I_USED]
    return max(0, min(int(p.P[o.P_PARTICIPATION] * average), left))


@inlined
def sliced(n: int, lots: int, ts: int, p: Params, s: State) -> int:
    """Where one order of this row can bring the position on its way to ``lots``."""
    current = s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]
    most = volume_left(n, ts, p, s)
    return min(max(lots, current - most), current + most)
