"""Finding a strategy by its configured name: built in, or in a file of the user's."""

import importlib.util
import sys
from difflib import get_close_matches
from pathlib import Path

from kedge.domain.errors import StrategyError
from kedge.strategies.breakout import breakout
from kedge.strategies.contract import Strategy
from kedge.strategies.ma_momentum import ma_momentum
from kedge.strategies.mean_reversion import mean_reversion
from kedge.strategies.technical import technical
from kedge.strategies.trend import trend

BUILT_IN: dict[str, Strategy] = {
    s.name: s for s in (ma_momentum, mean_reversion, breakout, technical, trend)
}


def built_in(name: str) -> Strategy:
    """A strategy that ships with kedge.

    Raises:
        StrategyError: there is none of that name.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    close = get_close_matches(name, BUILT_IN, 1)
    hint = f"did you mean {close[0]}?" if close else f"built in: {', '.join(BUILT_IN)}"
    raise StrategyError(f"there is no strategy '{name}'", "strategies", hint)


def from_file(path: Path, function: str) -> Strategy:
    """The strategy ``function`` of a Python file.

    Raises:
        StrategyError: the file is missing or does not run, or holds no such strategy.
    """
    if not path.is_file():
        raise StrategyError("there is no such file", str(path), "paths start at the configuration")
    name = f"kedge_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StrategyError("is not a Python file", str(path), "its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except StrategyError:
        raise
    except Exception as error:
        line = getattr(error, "lineno", None)
        where = f"{path}:{line}" if line else str(path)
        raise StrategyError(f"{type(error).__name__}: {error}", where, "mend the file") from error
    found = getattr(module, function, None)
    if isinstance(found, Strategy):
        return found
    known = [key for key, value in vars(module).items() if isinstance(value, Strategy)]
    hint = f"it has {', '.join(known)}" if known else "decorate the function with @strategy(...)"
    raise StrategyError(f"has no strategy '{function}'", str(path), hint)
