"""Files that a journal names come back as they were, or not at all."""

from hashlib import sha256
from pathlib import Path

import pytest

from kedge.domain.errors import JournalError
from kedge.engine.trading.user_files import UserFiles
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk

TEXT = b"def rule(): return 1\n"
NAME = sha256(TEXT).hexdigest()


@pytest.fixture
def kept(tmp_path: Path) -> Contents:
    return Contents(SystemDisk(tmp_path / "contents"))


@pytest.fixture
def files(tmp_path: Path, kept: Contents) -> UserFiles:
    (tmp_path / "work").mkdir()
    return UserFiles(kept, tmp_path / "work", tmp_path / "copies")


def test_a_kept_file_is_used_whatever_lies_where_it_was(files, kept, tmp_path):
    kept.put(TEXT)
    (tmp_path / "work" / "rule.py").write_bytes(b"another")
    found = files((("rule.py", NAME),))
    assert found["rule.py"].read_bytes() == TEXT
    assert (tmp_path / "work" / "rule.py").read_bytes() == b"another"


def test_one_that_was_not_kept_is_read_where_it_was(files, tmp_path):
    (tmp_path / "work" / "rule.py").write_bytes(TEXT)
    found = files((("rule.py", NAME),))
    assert found["rule.py"].read_bytes() == TEXT
    assert found["rule.py"].parent != tmp_path / "work"


def test_a_missing_one_is_named_in_one_line(files):
    with pytest.raises(JournalError, match=r"^rule\.py: .* is missing: No such file") as error:
        files((("rule.py", NAME),))
    assert NAME[:12] in str(error.value)


def test_a_changed_one_is_named_with_both_hashes(files, tmp_path):
    (tmp_path / "work" / "rule.py").write_bytes(TEXT + b"#\n")
    with pytest.raises(JournalError, match=r"^rule\.py: .* has changed") as error:
        files((("rule.py", NAME),))
    assert NAME[:12] in str(error.value)
    assert sha256(TEXT + b"#\n").hexdigest()[:12] in str(error.value)


def test_a_kept_file_that_is_damaged_is_refused(files, kept, tmp_path):
    kept.put(TEXT)
    (tmp_path / "contents" / NAME).write_bytes(b"?")
    with pytest.raises(JournalError, match="damaged"):
        files((("rule.py", NAME),))


def test_files_lie_to_one_another_as_they_did_and_never_outside(files, kept, tmp_path):
    kept.put(TEXT)
    names = ("mine/rule.py", "mine/helper.py", "../other.py", str(tmp_path / "abs.py"))
    found = files(tuple((name, NAME) for name in names))
    assert found["mine/rule.py"].parent == found["mine/helper.py"].parent
    assert all(path.is_relative_to(tmp_path / "copies") for path in found.values())
    assert len(set(found.values())) == 4


def test_two_versions_of_one_file_have_two_copies(files, kept):
    kept.put(TEXT)
    other = kept.put(b"other")
    one, two = files((("rule.py", NAME),)), files((("rule.py", other),))
    assert one["rule.py"].read_bytes() == TEXT
    assert two["rule.py"].read_bytes() == b"other"
