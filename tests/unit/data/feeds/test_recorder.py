"""What was recorded plays back byte for byte, or says that it is damaged."""

from pathlib import Path

import pytest

from kedge.data.books.keeper import Books
from kedge.data.recorder.segments import OPEN, SUFFIX, Recorder, replay
from kedge.domain.errors import DataError, RunError
from recorded import listings, stream, symbols


def test_recorded_messages_play_back_through_the_same_decoder(tmp_path: Path) -> None:
    messages = stream("okx_ws_1")
    recorder = Recorder(tmp_path, segment_bytes=40_000)
    names = [recorder.append(m.received, "okx/public", m.body) for m in messages]
    segments = [n for n in [*names, recorder.close()] if n]
    assert len(segments) > 3
    played = [r for name in segments for r in replay(tmp_path, name)]
    assert [(r.received, r.message) for r in played] == [(m.received, m.body) for m in messages]
    one, two = (Books("okx", listings(symbols("okx_ws_1"))) for _ in range(2))
    for m, r in zip(messages, played, strict=True):
        live, again = one.feed(m.body, m.received), two.feed(r.message, r.received)
        assert str(live) == str(again)
    assert all(
        one.by_key[k].best() == two.by_key[k].best() and two.by_key[k].trusted for k in one.by_key
    )


def test_segment_is_named_by_its_content(tmp_path: Path) -> None:
    names = []
    for folder in ("a", "b"):
        recorder = Recorder(tmp_path / folder)
        recorder.append(1, "s", b"x")
        names.append(recorder.close())
    assert names[0] == names[1]
    assert len(names[0]) == 64


def test_any_damage_is_found(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder.append(1, "s", b"hello world" * 9)
    name = recorder.close()
    path = tmp_path / (name + SUFFIX)
    good = path.read_bytes()
    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x41]) + good[place + 1 :])
        assert played_or_refused(tmp_path, name) in ("damaged", [b"hello world" * 9])
    path.unlink()
    with pytest.raises(DataError):
        list(replay(tmp_path, name))


def played_or_refused(folder: Path, name: str) -> object:
    try:
        return [r.message for r in replay(folder, name)]
    except DataError:
        return "damaged"


def test_torn_frame_is_cut_and_recording_goes_on(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    for i in range(3):
        recorder.append(i, "s", b"message")
    recorder._file.close()
    whole = (tmp_path / OPEN).read_bytes()
    (tmp_path / OPEN).write_bytes(whole[:-4])
    again = Recorder(tmp_path)
    again.append(9, "s", b"after")
    played = list(replay(tmp_path, again.close()))
    assert [(r.received, r.message) for r in played] == [
        (0, b"message"),
        (1, b"message"),
        (9, b"after"),
    ]


def test_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="could not be written"):
        Recorder(tmp_path / "file" / "below")
