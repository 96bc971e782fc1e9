"""Documents are true: links resolve, configurations parse, no machine leaks into them."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from architecture.house import ROOT
from kedge.settings import load_settings

LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
# Written in pieces, so that this file does not hold what it looks for.
MACHINE = re.compile(
    r"(?<![\w.~:/-])/(?:" + "|".join(("root", "home", "work", "Users")) + r")/\w"
    r"|"
    + "|".join(("pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.(?:org|com)"))
    + r"|--(?:extra-)?index"
    + "-url"
)


def tracked() -> list[Path]:
    """Files under version control; in a plain copy of the sources, all documents and code."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        names = [ROOT / name for name in done.stdout.split("\0") if name]
        return [path for path in names if path.is_file()]
    folders = ("src", "tests", "docs", "benchmarks")
    return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]


DOCUMENTS = [path for path in tracked() if path.suffix == ".md"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def dangling(path: Path, text: str) -> list[str]:
    """Relative links of a document that lead nowhere."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    found = []
    for link in LINK.findall(prose):
        target, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        file = (path.parent / target) if target else path
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in slugs(file)):
            found.append(link)
    return found


def slugs(path: Path) -> set[str]:
    """Anchors of a document's headings, as repositories render them."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(text))
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_resolve(path: Path) -> None:
    assert dangling(path, path.read_text(encoding="utf-8")) == []


def test_dangling_link_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    text = "# One Two\n[x](no.md) [y](#one-two) [z](#three) [w](https://x.y) `[v](u)`\n"
    path.write_text(text)
    assert dangling(path, text) == ["no.md", "#three"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_configurations_in_documents_parse(path: Path, tmp_path: Path) -> None:
    """A block marked ``yaml`` is a configuration; another YAML file's block names that file."""
    for kind, text in FENCE.findall(path.read_text(encoding="utf-8")):
        if kind.strip() == "yaml":
            file = tmp_path / "kedge.yaml"
            file.write_text(text, encoding="utf-8")
            load_settings(file, environment={})


@pytest.mark.parametrize("path", tracked(), ids=named)
def test_no_machine_path_and_no_package_index_is_named(path: Path) -> None:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    assert MACHINE.findall(text) == []


@pytest.mark.parametrize("leak", ["x = '/ro" + "ot/y'", "see /ho" + "me/u", "py" + "pi.org/simple"])
def test_leak_is_found(leak: str) -> None:
    assert MACHINE.search(leak)


# An id of some list or page that the project does not hold, again in pieces.
FOREIGN = re.compile(
    r"\b(?!UTC|GMT|SHA|ISO)[A-Z]{3,4}-" + r"\d\d\b|\bQUA" + r"NT[ :]|\bDES" + r"IGN[ :]"
)


@pytest.mark.parametrize("path", tracked(), ids=named)
def test_nothing_refers_to_an_id_that_a_reader_cannot_look_up(path: Path) -> None:
    if path.suffix in (".py", ".md", ".yaml", ".toml"):
        assert FOREIGN.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("said", ["the ceiling (RSK" + "-04)", "see QUA" + "NT 5"])
def test_a_foreign_id_is_found(said: str) -> None:
    assert FOREIGN.search(said)


def test_hooks_are_local_and_use_the_project_environment() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {repository["repo"] for repository in config["repos"]} == {"local"}
    entries = [hook["entry"] for repository in config["repos"] for hook in repository["hooks"]]
    assert all(entry.startswith(".venv/bin/") for entry in entries)
