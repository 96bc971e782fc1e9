"""The picture of the terminal view, ``docs/img/terminal.svg``, from example figures."""

from io import StringIO
from math import cos, sin

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from kedge.domain.reason import Reason
from kedge.domain.status import (
    FeedHealth,
    Happened,
    Latency,
    Position,
    Status,
    WorkingOrder,
    last_decision,
    limit_use,
)
from kedge.interfaces.tui.view import render

WIDTH, HEIGHT = 132, 35
NOON = 1_772_193_600_000_000_000  # 2026-02-27 12:00 UTC
SECOND = 10**9

THEME = TerminalTheme(
    (16, 20, 26),
    (214, 220, 228),
    [
        (52, 60, 72),
        (224, 108, 117),
        (129, 184, 122),
        (219, 176, 96),
        (97, 150, 214),
        (181, 126, 207),
        (92, 172, 184),
        (214, 220, 228),
    ],
)
"""Soft colours on a dark ground; a real terminal brings its own."""

CHROME = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img"
     aria-label="kedge in a terminal, example figures">
  <style>
    .{unique_id}-matrix {{
      font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
      font-size: {char_height}px; line-height: {line_height}px;
    }}
    .{unique_id}-title {{ font: 15px "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
    </clipPath>
    {lines}
  </defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">{matrix}</g>
  </g>
</svg>
"""
"""Without fonts from elsewhere: the picture shows the same without a network."""


def example() -> Status:
    """A session as it could be; no figure in it was measured."""
    return Status(
        session="out/session",
        version="example",
        venue="binance",
        at=NOON + 7_412 * SECOND,
        started=NOON,
        speed=60.0,
        row=1_482,
        mode="ACTIVE",
        currency="USDT",
        equity=101_874.32,
        cash=58_240.11,
        gross=43_634.21,
        profit=1_874.32,
        profit_session=-126.40,
        drawdown=0.0112,
        positions=(
            _held("BTCUSDT", 0.1842, 66_910.5, 67_482.1, 65_140.0),
            _held("ETHUSDT", 4.215, 3_512.40, 3_478.92, 3_402.5),
            _held("SOLUSDT", 92.4, 148.02, 151.37, 143.2),
            _held("ADAUSDT", 4_310.0, 0.5102, 0.5144, None),
        ),
        orders=(
            _order("BTCUSDT", "buy", "limit", 0.062, 0.021, 67_470.0, "working", 3.4),
            _order("ETHUSDT", "sell", "stop", 4.215, 0.0, 3_402.5, "working", 1_520.0),
            _order("SOLUSDT", "sell", "limit", 12.5, 0.0, 151.6, "sent", 0.08),
            _order("ADAUSDT", "buy", "limit", 850.0, 300.0, 0.5141, "unknown", 6.2),
        ),
        decisions=(
            last_decision("BTCUSDT", 0.246, 0.1842, Reason.NONE, 18.4, 0.71),
            last_decision("ETHUSDT", 4.215, 4.215, Reason.GROUP, 9.2, 0.66),
            last_decision("SOLUSDT", 79.9, 92.4, Reason.VOL_TARGET, 6.1, 0.63),
            last_decision("ADAUSDT", 5_160.0, 4_310.0, Reason.PARTICIPATION, 11.7, 0.64),
            last_decision("XRPUSDT", 0.0, 0.0, Reason.CONFIDENCE, 2.3, 0.52),
            last_decision("LTCUSDT", 0.0, 0.0, Reason.NO_FORECAST),
        ),
        limits=(
            limit_use("group", 0.2712, 0.30),
            limit_use("gross", 0.4283, 1.0),
            limit_use("position", 0.1439, 0.20),
            limit_use("open_risk", 0.0312, 0.20),
            limit_use("var", 0.0241, 0.05),
            limit_use("expected_shortfall", 0.0331, 0.08),
            limit_use("drawdown_stop", 0.0112, 0.20),
            limit_use("daily_loss", 0.0012, 0.05),
        ),
        feeds=(
            FeedHealth(
                name="binance depth", age_s=0.04, trusted=True, skew_ms=-12.0, per_second=412.0
            ),
            FeedHealth(
                name="binance trades", age_s=0.31, trusted=True, skew_ms=-12.0, per_second=88.0
            ),
            FeedHealth(name="okx depth", age_s=6.2, trusted=False, resyncs=2, per_second=0.0),
        ),
        latencies=(
            Latency(name="event", p50_us=3.1, p99_us=11.4, count=812_000),
            Latency(name="decide", p50_us=41.0, p99_us=96.2, count=1_482),
            Latency(name="journal sync", p50_us=410.0, p99_us=1_930.0, count=2_240),
            Latency(name="submit to ack", p50_us=212_000.0, p99_us=487_000.0, count=612),
        ),
        counters={"orders": 612, "fills": 548, "refusals": 9},
        events=(
            Happened(NOON + 7_120 * SECOND, "BTCUSDT: stop moved up to 65,140.00, confirmed"),
            Happened(NOON + 7_301 * SECOND, "okx depth: gap 88121 to 88140, resync 2", True),
            Happened(NOON + 7_388 * SECOND, "LTCUSDT: refused, quote is 2.3 s old (limit 2 s)"),
            Happened(NOON + 7_406 * SECOND, "ADAUSDT: no answer to a submit, asking", True),
            Happened(NOON + 7_410 * SECOND, "BTCUSDT: bought 0.021 at 67,470.00"),
        ),
    )


def equity() -> tuple[float, ...]:
    """A curve for the small chart of the example."""
    return tuple(1e5 + 25 * n + 400 * sin(n / 5) + 220 * cos(n / 2.3) for n in range(72))


def picture() -> str:
    """The SVG."""
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=StringIO(), force_terminal=True,
        color_system="truecolor", legacy_windows=False,
    )  # fmt: skip
    console.print(render(example(), equity(), WIDTH, HEIGHT))
    return console.export_svg(
        title="kedge top (example figures)", theme=THEME, code_format=CHROME, unique_id="kedge"
    )


def _held(
    symbol: str, quantity: float, average: float, price: float, stop: float | None
) -> Position:
    return Position(
        symbol=symbol,
        quantity=quantity,
        average=average,
        price=price,
        value=quantity * price,
        unrealised=quantity * (price - average),
        stop=stop,
        stop_live=stop is not None,
    )


def _order(
    symbol: str, side: str, kind: str, quantity: float, filled: float, price: float, state: str,
    age_s: float,
) -> WorkingOrder:  # fmt: skip
    return WorkingOrder(
        id=f"example-{symbol}-{kind}",
        symbol=symbol,
        side=side,
        kind=kind,
        quantity=quantity,
        filled=filled,
        price=price,
        state=state,
        age_s=age_s,
    )
