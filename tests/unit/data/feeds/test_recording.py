"""A session's market on the disk: in order over restarts, named once, played back the same."""

from pathlib import Path

import pytest

from kedge.data.books.keeper import Books
from kedge.data.recorder.played import played
from kedge.data.recorder.recording import About, Recording, books_of, heard, names, play
from kedge.data.recorder.segments import OPEN, Recorder
from kedge.domain.errors import DataError
from recorded import listings, stream, symbols

SMALL = 40_000


def what() -> About:
    return About("okx", 0, listings(symbols("okx_ws_1")).all)


def recorded(folder: Path, parts: int = 1) -> Books:
    """Messages recorded by several processes one after the other; books that heard them live."""
    messages, live = stream("okx_ws_1"), books_of(what())
    size = -(-len(messages) // parts)
    for start in range(0, len(messages), size):
        one = Recording(folder, what(), frozenset(names(folder)), SMALL)
        live.restarted()
        one.take(messages[start].received, "connected", b"")
        for message in messages[start : start + size]:
            live.feed(message.body, message.received)
            one.take(message.received, "stream", message.body)
        one.close()
    return live


@pytest.mark.parametrize("parts", [1, 3])
def test_books_that_hear_it_again_are_where_the_first_were(tmp_path: Path, parts: int) -> None:
    live, again = recorded(tmp_path, parts), books_of(what())
    for message in play(tmp_path):
        heard(again, message)
    for key, book in live.by_key.items():
        assert (book.best(), book.trusted) == (again.by_key[key].best(), again.by_key[key].trusted)
    assert (live.losses, live.refused) == (again.losses, again.refused)
    assert len(names(tmp_path)) > 3


def test_every_closed_segment_is_told_once(tmp_path: Path) -> None:
    one = Recording(tmp_path, what(), frozenset(), SMALL)
    told = []
    for message in stream("okx_ws_1"):
        one.take(message.received, "stream", message.body)
        told += one.told()
    one.close()
    assert [name for name, _ in told] == names(tmp_path)
    assert len(set(names(tmp_path))) == len(names(tmp_path)) > 3


def test_one_that_the_journal_has_not_named_is_told_at_the_next_start(tmp_path: Path) -> None:
    recorded(tmp_path)
    first, *rest = names(tmp_path)
    again = Recording(tmp_path, what(), frozenset({first}))
    assert again.told() == [(name, "") for name in rest]
    again.close()


def test_a_disk_that_takes_no_more_ends_the_recording_and_says_so_once(tmp_path: Path) -> None:
    one = Recording(tmp_path, what(), frozenset(), 100)
    (tmp_path / "segments").mkdir()
    for at in range(5):
        one.take(at, "stream", b"x" * 200)
    ((name, why),) = one.told()
    assert name == ""
    assert "could not be written" in why
    one.close()


def test_what_it_holds_is_counted_by_symbol(tmp_path: Path) -> None:
    live = recorded(tmp_path)
    sizes: list[int] = []
    found = played(tmp_path, sizes.append)
    messages = stream("okx_ws_1")
    assert found.messages == len(messages) + 1 == len(sizes)
    assert (found.begun, found.ended) == (messages[0].received, messages[-1].received)
    for each, listing in zip(found.symbols, what().listings, strict=True):
        book = live.by_key[listing.key]
        assert each.bid == (listing.tick * book.best()[0] if book.trusted else None)
        assert each.updates > 0
    assert any(each.trades and each.first and each.last for each in found.symbols)


def test_what_is_no_recording_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no recording"):
        played(tmp_path, lambda _: None)
    (tmp_path / "about.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        played(tmp_path, lambda _: None)


def test_a_folder_of_another_feed_is_not_gone_on_with(tmp_path: Path) -> None:
    Recording(tmp_path, what(), frozenset()).close()
    other = Recording(tmp_path, About("okx", 5, what().listings), frozenset())
    other.take(1, "stream", b"{}")
    ((name, why),) = other.told()
    assert name == ""
    assert "something else" in why
    assert list(play(tmp_path)) == []


def test_a_full_disk_ends_it_in_whatever_moment_it_shows(tmp_path: Path) -> None:
    one = Recording(tmp_path, what(), frozenset())
    assert one._recorder is not None
    one._recorder._file.close()
    with open("/dev/full", "ab") as full:
        one._recorder._file = full
        for at in range(20):
            one.take(at, "stream", b"x" * 1_000)
    ((name, why),) = one.told()
    assert (name, "No space left" in why) == ("", True)
    one.close()


def test_a_segment_that_a_crash_left_unlisted_is_listed(tmp_path: Path) -> None:
    recorded(tmp_path)
    whole, listed = [r.message for r in play(tmp_path)], names(tmp_path)
    (tmp_path / "segments").write_text("".join(f"{name}\n" for name in listed[:-1]))
    again = Recording(tmp_path, what(), frozenset(listed[:-1]))
    assert again.told() == [(listed[-1], "")]
    again.close()
    assert [r.message for r in play(tmp_path)] == whole


def test_a_segment_that_a_crash_left_open_too_is_there_once(tmp_path: Path) -> None:
    one = Recorder(tmp_path)
    one.append(1, "stream", b"message")
    one._file.flush()
    content = (tmp_path / OPEN).read_bytes()
    one.close()
    (tmp_path / OPEN).write_bytes(content)
    again = Recording(tmp_path, what(), frozenset())
    again.close()
    assert [r.message for r in play(tmp_path)] == [b"message"]


def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    recorded(tmp_path)
    second = names(tmp_path)[1]
    (tmp_path / f"{second}.frames.zst").unlink()
    with pytest.raises(DataError, match=second):
        list(play(tmp_path))


def test_a_torn_end_is_left_out(tmp_path: Path) -> None:
    recorded(tmp_path)
    whole = len(list(play(tmp_path)))
    content = (tmp_path / OPEN).read_bytes()
    (tmp_path / OPEN).write_bytes(content[:-3])
    assert len(list(play(tmp_path))) == whole - 1
