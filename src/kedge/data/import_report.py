"""What an import read, guessed, assumed and dropped."""

import msgspec


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument's import.

    Attributes:
        symbol: the venue's symbol; ``id`` its entity id.
        interval: length of a bar.
        source: the file.
        rows: bars read and stored.
        revised: stored bars that this import replaced by different ones.
        first, last: first and last bar, ISO 8601 UTC.
        tick: the instrument's price increment.
        columns: role to column name, as guessed.
        notes: what was recognised, dropped, repaired or derived.
        assumptions: defaults in force, to be changed in ``instruments.yaml``.
    """

    symbol: str
    id: str
    interval: str
    source: str
    rows: int
    revised: int
    first: str
    last: str
    tick: str
    columns: dict[str, str]
    notes: tuple[str, ...]
    assumptions: tuple[str, ...]
