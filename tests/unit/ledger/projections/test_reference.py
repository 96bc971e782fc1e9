"""The page that describes the tables names every column as it is, and no other."""

import re
from pathlib import Path

from sqlalchemy import Column

from kedge.ledger.projections.tables import metadata

PAGE = Path(__file__).parents[4] / "docs/reference/tables.md"
NAMES = {"BIGINT": "integer", "TEXT": "text", "BOOLEAN": "boolean"}
ROW = re.compile(r"^\| `(\w+)` \| (\w+)(, key)?(, may be empty)? \|", re.MULTILINE)


def described() -> dict[str, list[tuple[str, ...]]]:
    sections = re.split(r"^## (kedge_\w+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        name: ROW.findall(text) for name, text in zip(sections[1::2], sections[2::2], strict=True)
    }


def column(each: "Column[object]") -> tuple[str, ...]:
    key = ", key" if each.primary_key else ""
    return each.name, NAMES[str(each.type)], key, ", may be empty" if each.nullable else ""


def test_every_column_is_described_as_it_is() -> None:
    wanted = {
        table.name: [column(each) for each in table.c if each.name != "seq"]
        for table in metadata.tables.values()
    }
    assert described() == wanted
