"""A small session whose decisions are kept: ``python tests/golden/make_session.py`` renews it.

It is renewed only when somebody means to change what kedge decides or records of it. The
journal holds two starts, a strategy of the user's, and a limit that changed in between.
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = Path(__file__).parent / "session"
SEGMENT = 1 << 16
SECONDS = 240


def main() -> None:
    """Trade, and keep the journal with the files that it names."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from papers import trade, write_configuration

    with TemporaryDirectory() as place:
        folder = Path(place)
        configuration = write_configuration(folder / "configuration")
        two = {"universe.symbols": ["BTCUSDT", "ETHUSDT"]}
        trade(configuration, folder / "session", SECONDS, two, segment_bytes=SEGMENT)
        other = {**two, "sizing.kelly_fraction": 0.1, "limits.position": 0.08}
        journal = trade(configuration, folder / "session", SECONDS, other, segment_bytes=SEGMENT)
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(journal, FOLDER)
    for name in ("lease", "spare"):
        (FOLDER / name).unlink(missing_ok=True)


if __name__ == "__main__":
    main()
