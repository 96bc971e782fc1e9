"""``instruments.yaml``: what kedge knows about each instrument of a store."""

import math
from difflib import get_close_matches
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from kedge.data import calendars
from kedge.data.files import write_atomic
from kedge.domain.errors import DataError
from kedge.domain.instrument import RESERVED, AssetClass, Instrument

FILE = "instruments.yaml"
DECIMALS = ("tick", "lot", "min_notional")
FLOORS: Final = {
    "multiplier": 1,
    "min_notional": 0,
    "fees.taker_bps": 0,
    "borrow_bps": 0,
    "half_spread_bps": 0,
    "average_volume": 0,
}
"""Smallest value of each number that has one; tick and lot must be above zero."""
FINITE: Final = (*DECIMALS, *FLOORS, "fees.maker_bps", "margin_initial", "margin_maintenance")
HEADER = (
    "# Instruments of this store. Edit freely; a key that is left out has its default.\n"
    "# A coarser tick than the stored prices need is refused when they are read.\n"
)


def read_instruments(path: Path) -> dict[str, Instrument]:
    """Instruments by id, in order of id; empty when the file does not exist.

    Raises:
        DataError: for text that is no YAML, an unknown key, a wrong type or an impossible value.
    """
    if not path.exists():
        return {}
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        raw = yaml.load(path.read_text("utf-8"), Loader=loader) or {}
    except OSError as error:
        raise DataError("cannot be read", str(path), "check its permissions") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"is not valid YAML: {error}", str(path), "mend the syntax") from error
    if not isinstance(raw, dict):
        raise DataError("must map ids to settings", str(path), "write 'AAPL: {tick: 0.01}'")
    found = {str(key): _instrument(str(key), raw[key], path) for key in sorted(raw, key=str)}
    _check_calendars(found, path)
    return found


def write_instruments(path: Path, instruments: dict[str, Instrument]) -> None:
    """Write every instrument's settings that differ from the defaults."""
    table = {key: _plain(instruments[key]) for key in sorted(instruments)}
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(table, Dumper=dumper, sort_keys=False, allow_unicode=True)
    write_atomic(path, (HEADER + text).encode())


def _plain(instrument: Instrument) -> dict[str, Any]:
    given: dict[str, Any] = msgspec.to_builtins(instrument)
    given |= {name: f"{getattr(instrument, name):f}" for name in DECIMALS}
    default: dict[str, Any] = msgspec.to_builtins(
        Instrument(id=instrument.id, symbol=instrument.id)
    )
    always = ("symbol", "venue", "quote", "tick", "lot", "calendar")
    return {
        key: value
        for key, value in given.items()
        if key != "id" and (key in always or value != default.get(key))
    }


def _instrument(key: str, settings: Any, path: Path) -> Instrument:
    settings = settings or {}
    where = f"{path}: {key}"
    if not isinstance(settings, dict):
        raise DataError("must be a mapping of settings", where, "write '{tick: 0.01}'")
    known = Instrument.__struct_fields__
    for name in settings:
        if name not in known:
            close = get_close_matches(str(name), known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            raise DataError(f"unknown key {name!r}", where, hint)
    full = {"symbol": key, **settings, "id": key}
    # YAML reads 0.01 as a float; through text it becomes the decimal that was written
    texts = {name: str(full[name]) for name in DECIMALS if name in full}
    try:
        instrument = msgspec.convert({**full, **texts}, Instrument)
    except msgspec.ValidationError as error:
        raise DataError(str(error), where, "mend the value") from error
    _check_values(instrument, where)
    return instrument


def _check_calendars(instruments: dict[str, Instrument], path: Path) -> None:
    """Each calendar once: the first instrument of an unknown one is named."""
    first: dict[str, str] = {}
    for key, instrument in instruments.items():
        first.setdefault(instrument.calendar, key)
    for calendar, key in first.items():
        if not calendars.is_known(calendar):
            what, remedy = f"unknown calendar {calendar!r}", "write XNYS, XKRX or 24/7"
            raise DataError(what, f"{path}: {key}", remedy)


def _check_values(instrument: Instrument, where: str) -> None:
    """Refuse what has the right type and would make costs or sizes nonsense."""
    for name in FINITE:
        value = attrgetter(name)(instrument)
        if not math.isfinite(value):
            raise DataError(f"{name}: {value} is not a finite number", where, "write a number")
    for name, floor in FLOORS.items():
        value = attrgetter(name)(instrument)
        if value < floor:
            raise DataError(f"{name}: {value} is below {floor}", where, f"write {floor} or more")
    if isinstance(instrument.max_lots, int) and instrument.max_lots < 1:
        what = f"max_lots: {instrument.max_lots} is below 1"
        raise DataError(what, where, "leave it out where there is no largest order")
    if not (instrument.tick > 0 and instrument.lot > 0):
        raise DataError("tick and lot must be above zero", where, "for example tick: 0.01, lot: 1")
    maker, taker = instrument.fees.maker_bps, instrument.fees.taker_bps
    if maker < -taker:
        raise DataError(
            f"fees.maker_bps: {maker:g} is a rebate above the taker fee",
            where,
            f"write {0.0 - taker:g} or more",
        )
    if instrument.asset_class in RESERVED:
        tradable = ", ".join(each.value for each in AssetClass if each not in RESERVED)
        raise DataError(
            f"asset_class: {instrument.asset_class.value}: future and option are reserved",
            where,
            f"they cannot be traded yet; kedge trades {tradable}",
        )
    if instrument.inverse:
        raise DataError("inverse: true is not supported yet", where, "leave inverse out")
