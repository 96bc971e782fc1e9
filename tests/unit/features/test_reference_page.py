"""The reference page says what the registry says, and the how-to's code runs."""

import re
import sys
from importlib import import_module

from kedge.features.expression import parse
from kedge.features.reference import page
from kedge.features.registry import FEATURES
from support import ROOT

REFERENCE = ROOT / "docs/reference/features.md"
HOW_TO = ROOT / "docs/how-to/features.md"


def test_the_page_is_current():
    assert REFERENCE.read_text(encoding="utf-8") == page(), (
        "write it anew: python -c 'from kedge.features.reference import page;"
        ' print(page(), end="")\' > docs/reference/features.md'
    )


def test_every_feature_has_a_line_with_its_source():
    lines = [line for line in page().splitlines() if line.startswith("| `")]
    for name, feature in FEATURES.items():
        (line,) = [each for each in lines if each.startswith(f"| `{name}(")]
        assert feature.doc in line
        assert feature.source in line


def test_the_python_of_the_how_to_runs(tmp_path, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    # A module of its own: the compiler reads the lines it compiles, and keeps its name.
    (tmp_path / "how_to_features.py").write_text("\n".join(blocks), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert import_module("how_to_features").spec.name == "decay"
    del sys.modules["how_to_features"]


def test_the_expressions_of_the_how_to_parse():
    yaml = re.findall(r"```yaml[^\n]*\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
    texts = re.findall(r"- '?(.+?)'?\n", "\n".join(yaml))
    assert len(texts) >= 4
    assert all(parse(text) for text in texts if "@" not in text)
