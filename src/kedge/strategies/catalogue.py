"""Finding a strategy by its configured name: built in, or in a file of the user's."""

import importlib.util
import sys
import traceback
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from kedge.domain.errors import StrategyError
from kedge.strategies.book_pressure import book_pressure
from kedge.strategies.breakout import breakout
from kedge.strategies.contract import Strategy
from kedge.strategies.ma_momentum import ma_momentum
from kedge.strategies.mean_reversion import mean_reversion
from kedge.strategies.technical import technical
from kedge.strategies.trend import trend

BUILT_IN: dict[str, Strategy] = {
    s.name: s for s in (ma_momentum, mean_reversion, breakout, technical, trend, book_pressure)
}
"""All that ship. `book_pressure` needs rows with order books; the others trade on bars too."""


def built_in(name: str, where: str = "strategies") -> Strategy:
    """A strategy that ships with kedge.

    Args:
        name: as configured.
        where: it was configured, for the error.

    Raises:
        StrategyError: there is none of that name.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    close = get_close_matches(name, BUILT_IN, 1)
    hint = f"did you mean {close[0]}?" if close else f"built in: {', '.join(BUILT_IN)}"
    raise StrategyError(f"there is no strategy '{name}'", where, hint)


def from_file(path: Path, function: str) -> Strategy:
    """The strategy ``function`` of a Python file.

    Raises:
        StrategyError: the file is missing or does not run, or holds no such strategy.
    """
    if not path.is_file():
        raise StrategyError("there is no such file", str(path), "paths start at the configuration")
    module = _execute(path)
    found = getattr(module, function, None)
    if isinstance(found, Strategy):
        return found
    if callable(found):
        raise StrategyError(
            f"'{function}' is not a strategy", str(path), "decorate it with @strategy(needs=...)"
        )
    known = [key for key, value in vars(module).items() if isinstance(value, Strategy)]
    hint = f"it has {', '.join(known)}" if known else "decorate a function with @strategy(...)"
    raise StrategyError(f"has no strategy '{function}'", str(path), hint)


def _execute(path: Path) -> ModuleType:
    """Run a user's file as a module of its own.

    Raises:
        StrategyError: with the file's line, when it does not run.
    """
    name = f"kedge_user_{path.stem}_{sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise StrategyError("is not a Python file", str(path), "its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise _unusable(path, error) from error
    return module


def _unusable(path: Path, error: BaseException) -> StrategyError:
    if isinstance(error, StrategyError):
        return StrategyError(error.what, f"{path}: {error.where}", error.remedy)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path.absolute())]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    where = f"{path}:{line}" if line else str(path)
    return StrategyError(f"{type(error).__name__}: {error}", where, "mend the file")
