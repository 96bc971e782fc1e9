from hashlib import sha256

import pytest

from journals import faulty
from kedge.domain.control import Parameters, Started
from kedge.domain.errors import JournalError
from kedge.domain.row import RowDecided
from kedge.ledger.journal.contents import Contents, named_by


def test_content_is_named_by_its_hash_and_comes_back() -> None:
    contents = Contents(faulty())
    name = contents.put(b"a model")
    assert name == sha256(b"a model").hexdigest()
    assert contents.get(name) == b"a model"
    assert contents.put(b"a model") == name
    assert contents.names() == [name]


def test_missing_and_damaged_files_are_refused_with_one_line() -> None:
    disk = faulty()
    contents = Contents(disk)
    name = contents.put(b"a model")
    disk.flip(name, 2)
    with pytest.raises(JournalError, match="damaged"):
        contents.get(name)
    with pytest.raises(JournalError, match="missing"):
        contents.get("0" * 64)


def test_damaged_file_is_mended_by_putting_it_again() -> None:
    disk = faulty()
    contents = Contents(disk)
    name = contents.put(b"a model")
    disk.flip(name, 2)
    contents.put(b"a model")
    assert contents.get(name) == b"a model"


def test_file_that_was_put_survives_any_crash() -> None:
    for seed in range(20):
        disk = faulty(seed)
        name = Contents(disk).put(b"a model" * 1000)
        disk.crash()
        assert Contents(disk).get(name) == b"a model" * 1000


def test_files_are_kept_while_a_record_names_them() -> None:
    contents = Contents(faulty())
    user, model, old = (contents.put(each) for each in (b"user", b"model", b"old"))
    records = (
        Parameters(1, "{}", (("rules.py", user),)),
        RowDecided(1, 0, b"", (model,), b"", b"", b"", b"", (0, 0, 0)),
        Started(1, "0", ""),
    )
    contents.keep({name for record in records for name in named_by(record)})
    assert contents.names() == sorted((user, model))
    with pytest.raises(JournalError):
        contents.get(old)
