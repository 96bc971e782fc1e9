"""What ``make run`` starts, and what ``kedge run`` says while it gets ready."""

import re
from pathlib import Path

import pytest

from kedge.domain.errors import ConfigError, InputError
from kedge.interfaces.cli.main import main
from kedge.interfaces.cli.run_choice import choose, confirm
from kedge.interfaces.cli.run_output import Passed, Screen
from kedge.interfaces.cli.run_session import _compiled

ROOT = Path(__file__).parents[3]


def recipe(target: str) -> list[str]:
    """Words of a rule's command in the Makefile."""
    found = re.search(rf"^{target}:.*\n\t(.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found is not None
    return found[1].split()


def test_make_run_starts_a_session_that_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tool, verb, *words = recipe("run")
    assert (tool, verb) == ("$(BIN)/kedge", "run")
    given = dict(zip(words[1::2], words[2::2], strict=True))
    chosen = choose(Path(words[0]), False, float(given["--speed"]), float(given["--duration"]))
    assert chosen.settings.venues == ()
    assert float(given["--duration"]) <= 300
    assert set(given) == {"--speed", "--duration"}


def test_a_venue_that_is_named_is_never_replaced_by_the_embedded_one() -> None:
    chosen = choose(ROOT / "examples/binance-testnet.yaml", False, 1.0, None)
    assert chosen.venue is not None
    assert (chosen.venue.name, chosen.real) == ("binance", False)
    with pytest.raises(ConfigError, match="binance keeps its own time"):
        choose(ROOT / "examples/binance-testnet.yaml", False, 2.0, None)


def test_a_venue_that_no_adapter_knows_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kedge.yaml"
    file.write_text("venues: [mtgox]\n")
    with pytest.raises(ConfigError, match="no exchange 'mtgox'"):
        choose(file, False, 1.0, None)


def real(tmp_path: Path) -> Path:
    file = tmp_path / "kedge.yaml"
    file.write_text("venues: [{name: binance, testnet: false}]\n")
    return file


def test_real_orders_are_refused_without_the_option(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="orders at binance would be real"):
        choose(real(tmp_path), False, 1.0, None)


@pytest.mark.parametrize(
    "typed", ["", "yes\n", "trade real money\n", "TRADE REAL MONEY AT BINANCE"]
)
def test_real_orders_want_the_whole_phrase(tmp_path: Path, typed: str) -> None:
    with pytest.raises(InputError, match="were not confirmed"):
        confirm(choose(real(tmp_path), True, 1.0, None), lambda text: typed)


def test_the_phrase_opens_a_live_session_and_paper_needs_none(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return "trade real money at binance\n"

    confirm(choose(real(tmp_path), True, 1.0, None), ask)
    confirm(choose(ROOT / "examples/binance-testnet.yaml", False, 1.0, None), ask)
    assert len(asked) == 1
    assert "Orders go to binance and move real money" in asked[0]


def test_the_session_of_stocks_needs_its_data_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    file = tmp_path / "examples" / "stocks.yaml"
    file.write_text((ROOT / "examples/us-stocks-session.yaml").read_text())
    with pytest.raises(ConfigError, match="kedge data sample --store"):
        choose(file, False, 60.0, None)
    assert [path.name for path in tmp_path.iterdir()] == ["examples"]


def test_rows_that_take_for_ever_to_warm_up_are_refused(tmp_path: Path) -> None:
    """`kedge init` writes rows of a day, which is what a backtest wants."""
    file = tmp_path / "kedge.yaml"
    file.write_text("universe: {symbols: [BTCUSDT], interval: 1d}\n")
    with pytest.raises(ConfigError, match="300 rows of 1d before the first are too much"):
        choose(file, False, 1.0, None)
    file.write_text("universe: {symbols: [BTCUSDT], interval: 5m}\n")
    assert choose(file, False, 1.0, None).settings.universe.interval == "5m"


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("breakuot", "there is no strategy 'breakuot' (did you mean breakout?)"),
        ("mine.py:mine", "mine.py: there is no such file"),
        ("{name: breakout, params: {windows: 3}}", "has no parameter 'windows'"),
    ],
)
def test_a_strategy_that_cannot_be_is_refused_before_anything_is_made(
    named: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_text(f"universe: {{interval: 10s}}\nstrategies: [{named}]\n")
    assert main(["run", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
    assert [each.name for each in tmp_path.iterdir()] == ["mine.yaml"]


def test_make_backtest_runs_the_sample_that_it_makes() -> None:
    assert recipe("backtest")[:3] == ["$(BIN)/kedge", "backtest", "examples/sample.yaml"]
    assert recipe("store/universes.parquet")[1:] == ["data", "sample", "--store", "store"]


def test_the_example_is_the_sample_that_ships() -> None:
    shipped = ROOT / "src/kedge/interfaces/samples/paper.yaml"
    assert (ROOT / "examples/paper.yaml").read_text() == shipped.read_text()


class Others:
    """Processes that compile so many parts."""

    def __init__(self, parts: int) -> None:
        self.parts = parts

    def wait(self, done) -> None:
        for _ in range(self.parts):
            done()


def test_parts_that_are_compiled_are_lines_where_there_is_no_terminal(capsys) -> None:
    with Screen(plain=False, quiet=False).preparing() as stages:
        stages.begin("compiling")
        _compiled(Others(2), stages)
    assert capsys.readouterr().out.splitlines() == [
        "compiling (the first time after an install: about a minute)",
        "compiling: 1 of 3",
        "compiling: 2 of 3",
        "compiling: 3 of 3",
    ]


def test_stages_are_kept_for_who_asks(capsys) -> None:
    asked: list[str] = []
    with Screen(plain=True, quiet=False).preparing() as shown:
        stages = Passed(shown, asked.append)
        stages.begin("compiling")
        _compiled(Others(1), stages)
        stages.begin("warming up")
    assert asked == ["compiling", "compiling, 1 of 2", "compiling, 2 of 2", "warming up"]
    assert "compiling: 2 of 2" in capsys.readouterr().out


def test_nothing_is_said_of_compiling_where_nothing_is_left_to_compile(capsys) -> None:
    with Screen(plain=True, quiet=False).preparing() as stages:
        stages.begin("getting ready")
        _compiled(Others(0), stages)
    assert capsys.readouterr().out == "getting ready\n"


def test_json_keeps_stdout_for_itself(capsys) -> None:
    with Screen(plain=True, quiet=True).preparing() as stages:
        stages.begin("compiling")
        _compiled(Others(2), stages)
    assert capsys.readouterr().out == ""
