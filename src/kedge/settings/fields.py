"""What every section of the settings tree is made of: frozen nodes, documented fields.

A field is declared once, with its default, its meaning and its unit; the reference
page, the commented configuration and the error messages are all derived from that
one declaration.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from kedge.domain.instrument import AssetClass


class Node(BaseModel):
    """A frozen section of the tree; a key it does not know is refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_section(cls, given: object) -> object:
        # "limits:" with every line beneath it commented out is an empty section
        return {} if given is None else given


class PerClass(Node):
    """One number for each asset class."""

    spot: float
    equity: float
    perpetual: float

    def of(self, kind: AssetClass) -> float:
        """The number for an asset class."""
        return float(getattr(self, kind.value))


def setting(default: Any, meaning: str, unit: str, **bounds: Any) -> Any:
    """Declare one setting.

    Args:
        default: its default value.
        meaning: one sentence for people.
        unit: unit of the value; empty where it has none.
        bounds: pydantic's own constraints (``ge``, ``lt``, ``min_length``, ...).
    """
    extra: JsonDict = {"unit": unit}
    return Field(default, description=meaning, json_schema_extra=extra, **bounds)


def section(kind: type[Node], meaning: str) -> Any:
    """Declare a nested section with all of its defaults."""
    return Field(default_factory=kind, description=meaning)


def unit_of(field: FieldInfo) -> str:
    """Unit of a declared setting; empty where it has none."""
    extra = field.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""


def impossible(keys: str, what: str, remedy: str) -> PydanticCustomError:
    """An error about values that are each fine and cannot stand together.

    Args:
        keys: dotted keys that take part, separated by spaces; the one that was
            given is the one the message points at.
        what: what is impossible.
        remedy: what to do about it.
    """
    # The message is a template to pydantic: braces in a value must not be read as fields.
    context = {"keys": keys, "what": what, "remedy": remedy}
    return PydanticCustomError("impossible", "{what}", context)


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """An error about a single value."""
    return PydanticCustomError("wrong", "{what}", {"what": what, "remedy": remedy})


T = TypeVar("T")


def _not_boolean(given: T) -> T:
    if isinstance(given, bool):
        raise wrong("must be a number", "give a number")
    return given


def _instant(given: object) -> object:
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            raise wrong("must be a date or time", "write 2020-01-31 or 2020-01-31T14:30Z") from None
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime(given.year, given.month, given.day, tzinfo=UTC)
    if isinstance(given, datetime):
        return given if given.tzinfo else given.replace(tzinfo=UTC)
    if given is None:
        return None
    raise wrong("must be a date or time", "write 2020-01-31 or 2020-01-31T14:30Z")


def _ticker(given: object) -> object:
    # Tickers of several markets are all digits; YAML reads those as numbers.
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


def _not_empty(given: str) -> str:
    if not given.strip():
        raise wrong("is no symbol", "remove it")
    return given


def _params(given: object) -> object:
    if isinstance(given, Mapping):
        for name, value in given.items():
            if not isinstance(value, bool | int | float | str):
                raise wrong(f"has no plain value for {name!r}", "give a number or a text")
    return _pairs(given)


def _pairs(given: object) -> object:
    return tuple(sorted(given.items())) if isinstance(given, Mapping) else given


Number = Annotated[float, BeforeValidator(_not_boolean)]
"""A finite float64; ``true`` is not a number."""

Whole = Annotated[int, BeforeValidator(_not_boolean)]
"""An integer; ``true`` is not a number."""

Instant = Annotated[datetime, BeforeValidator(_instant)]
"""A date or time with a zone; without one it is UTC."""

Symbol = Annotated[str, BeforeValidator(_ticker), AfterValidator(_not_empty)]
"""A venue's symbol; one that is all digits needs no quotes."""

Table = Annotated[
    tuple[tuple[str, float], ...], BeforeValidator(_pairs), PlainSerializer(dict, return_type=dict)
]
"""A frozen mapping of names to numbers, as sorted pairs: ``dict(table)`` reads it."""

Params = Annotated[
    tuple[tuple[str, bool | int | float | str], ...],
    BeforeValidator(_params),
    PlainSerializer(dict, return_type=dict),
]
"""A frozen mapping of a strategy's own parameters, as sorted pairs."""
