"""A paper session for tests: driven step by step, as fast as the machine lets it."""

from collections.abc import Callable
from pathlib import Path

from kedge.bootstrap.paper import paper
from kedge.bootstrap.ready import Home, Ready, Watched
from kedge.data.hours import Phase
from kedge.engine.latch import latch_in_memory
from kedge.engine.session.driver import Driver
from kedge.engine.session.timings import Timings
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS, SNAPSHOTS, open_journal
from kedge.ledger.journal.journal import SEGMENT
from kedge.ledger.journal.snapshot import Snapshots
from kedge.numeric_platform import platform_fingerprint
from kedge.settings import load_settings

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND

CONFIGURATION = """
universe: {symbols: [BTCUSDT], interval: 10s}
strategies: [mine/rules.py:lean]
ensemble: {horizon: 10m}
sizing: {volatility_target: 1.0}
limits: {consecutive_losses: 1000, min_sessions: 2}
session: {warm_up: 12}
execution: {style: whole, min_interval_s: 2, give_up_s: 1}
"""

RULES = '''
from kedge.strategies import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP, strategy


@strategy(needs=("close",), lookback=2, horizon="10m", half_life="10m")
def lean(window, params, out):
    """After a fall up, after a rise down."""
    for i in range(window.shape[1]):
        before, now = window[-2, i, 0], window[-1, i, 0]
        out[EDGE_BPS, i] = 80.0 if now < before else -40.0
        out[SIGMA_BPS, i] = 40.0 + 1e4 * abs(now / before - 1.0)
        out[CONFIDENCE, i] = 0.9
        out[STOP, i] = 0.02
'''


def write_configuration(folder: Path) -> Path:
    """A configuration with a strategy of the user's beside it."""
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "rules.py").write_text(RULES)
    (folder / "kedge.yaml").write_text(CONFIGURATION)
    return folder / "kedge.yaml"


def trade(
    configuration: Path,
    session: Path,
    seconds: int,
    overrides: dict[str, object] | None = None,
    segment_bytes: int = SEGMENT,
    look: Callable[[Ready, int], None] = lambda made, now: None,
) -> Path:
    """Start or go on with a session for so many of its seconds; gives its journal.

    Args:
        configuration: of the session.
        session: its folder.
        seconds: to trade.
        overrides: other settings than the configuration's.
        segment_bytes: of a new journal.
        look: called with the session and the time at every change of the exchange's hours.
    """
    settings = load_settings(configuration, overrides, environment={})
    folder = session / "journal"
    journal = open_journal(folder, segment_bytes=segment_bytes)
    contents = Contents(SystemDisk(folder / CONTENTS))
    platform = platform_fingerprint()
    snapshots = Snapshots(SystemDisk(folder / SNAPSHOTS))
    home = Home(session, journal, contents, snapshots)
    watched = Watched(lambda: False, lambda record: None, lambda: None, lambda stage: None)
    try:
        made = paper(settings, home, watched, START, b"\x0a\x0b\x0c\x0d", platform)
    except BaseException:
        journal.close()
        raise

    def changed(now: int) -> None:
        made.place.turn(made.hours.phase(now) is Phase.OPEN)
        look(made, now)

    driver = Driver(
        made.shell, made.place, latch_in_memory(), list, lambda: journal.reserve, made.hours,
        changed, Timings(), made.at,
    )  # fmt: skip
    driver.start(made.started(platform), made.parameters, ())
    until = made.at + seconds * SECOND
    while driver.now < until:
        driver.step(driver.due())
    made.place.save()
    made.place.close()
    journal.close()
    return folder
