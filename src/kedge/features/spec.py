"""What the registry knows about a feature: its kernel or formula, parameters, memory."""

from collections.abc import Callable
from dataclasses import dataclass

Params = tuple[float, ...]
Count = Callable[[Params], float]
Kernel = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Series:
    """One series a feature reads.

    Attributes:
        name: how formulas and the reference call it.
        default: bar field used when the expression names none; empty: required.
    """

    name: str = "x"
    default: str = ""


@dataclass(frozen=True, slots=True)
class Param:
    """A numeric parameter with inclusive bounds; ``default`` None means required."""

    name: str
    low: float
    high: float
    default: float | None = None
    integer: bool = True


@dataclass(frozen=True, slots=True)
class KernelSpec:
    """A compiled (or numpy) kernel and all that composing it needs.

    The kernel is called as ``kernel(*series, *fields, state, params, out)`` with
    series ``(N, B)``, state ``(N, K)``, params ``(P,)`` and out ``(M, N, B)``,
    all float64 and C-contiguous; the clock fields (``ts``, ``session``,
    ``session_open``, ``session_length``) are ``(B,)`` int64.

    Attributes:
        name: name in expressions.
        kernel: the function; zeroed state means nothing was seen yet.
        doc: one line for the reference page.
        source: where the formula comes from.
        series: series that an expression may replace.
        fields: what it always reads from the bar.
        outputs: M names; a lone output is called ``value``.
        params: numeric parameters, in order.
        increasing: names of parameters that must strictly increase.
        state_size: K.
        warmup: observations that give NaN before the first value.
        memory: observations that still matter: the window, or for a recursion
            the rows until an observation's weight is below a thousandth; inf
            where a value depends on the whole history.
    """

    name: str
    kernel: Kernel
    doc: str
    source: str
    series: tuple[Series, ...] = ()
    fields: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("value",)
    params: tuple[Param, ...] = ()
    increasing: tuple[str, ...] = ()
    state_size: Callable[[Params], int] = lambda p: 0
    warmup: Count = lambda p: 0
    memory: Count = lambda p: 1


@dataclass(frozen=True, slots=True)
class Formula:
    """A feature written as an expression over others.

    Attributes:
        name, doc, source, series, params, increasing: as in `KernelSpec`.
        outputs: names of the outputs.
        texts: one expression per output; parameters and series appear by name.
    """

    name: str
    doc: str
    source: str
    texts: tuple[str, ...]
    series: tuple[Series, ...] = ()
    outputs: tuple[str, ...] = ("value",)
    params: tuple[Param, ...] = ()
    increasing: tuple[str, ...] = ()


Feature = KernelSpec | Formula

CLOSE = Series("x", "close")
VOLUME = Series("x", "volume")
X = Series("x")
Y = Series("y")

MAX_WINDOW = 100_000
FORGOTTEN = 1e-3  # weight beneath which a recursion is said to have forgotten a row


def window(default: float | None = None, name: str = "n", low: float = 1) -> Param:
    """A whole number of observations."""
    return Param(name, low, MAX_WINDOW, default)


def real(name: str, default: float | None, low: float = -1e12, high: float = 1e12) -> Param:
    """A real parameter."""
    return Param(name, low, high, default, integer=False)
