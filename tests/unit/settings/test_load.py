import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as configure
from hypothesis import strategies as st
from pydantic import ValidationError

from kedge.domain.errors import ConfigError
from kedge.domain.instrument import RESERVED, AssetClass
from kedge.settings import Settings, find_file, load_settings, replace, with_params

DESIGN_10 = """
data: {store: ./store}
universe: {symbols: [AAA, BBB], interval: 1d}
strategies: [ma_momentum, mean_reversion, breakout, technical, trend, my_rules.py:crossover]
capital: 100000
seed: 7
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "kedge.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, **environment: str) -> Settings:
    return load_settings(write(folder, text), environment=environment, dotenv=folder / ".env")


def test_the_published_configuration_works_as_it_stands(tmp_path: Path) -> None:
    settings = read(tmp_path, DESIGN_10)
    assert settings.universe.symbols == ("AAA", "BBB")
    assert settings.store == tmp_path / "store"
    spec = settings.strategies[-1]
    assert (spec.function, settings.strategy_file(spec)) == ("crossover", tmp_path / "my_rules.py")
    assert settings.strategies[0].file is None


def test_empty_file_and_empty_section_are_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "").hash == Settings().hash
    assert read(tmp_path, "limits:\n  # position: 0.05\n").hash == Settings().hash


def test_environment_wins_over_dotenv_over_file_and_override_over_all(tmp_path: Path) -> None:
    path = write(tmp_path, "limits: {position: 0.02, open_risk: 0.15, var: 0.03, group: 0.2}")
    dotenv = tmp_path / ".env"
    dotenv.write_text("KEDGE_LIMITS__OPEN_RISK=0.16\nKEDGE_LIMITS__VAR=0.04\nOTHER=x\n")
    environment = {"KEDGE_LIMITS__VAR": "0.045", "KEDGE_LIMITS__GROUP": "0.25", "PATH": "/bin"}
    limits = load_settings(
        path, {"limits.group": 0.28}, environment=environment, dotenv=dotenv
    ).limits
    assert (limits.position, limits.open_risk, limits.var, limits.group) == (
        0.02,
        0.16,
        0.045,
        0.28,
    )


def test_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEDGE_SEED", "11")
    assert load_settings().seed == 11


def test_environment_values_read_as_yaml(tmp_path: Path) -> None:
    settings = read(tmp_path, "", KEDGE_UNIVERSE__SYMBOLS="[AAA, 000660]")
    assert settings.universe.symbols == ("AAA", "000660")


def test_variables_of_the_process_are_no_settings(tmp_path: Path) -> None:
    assert read(tmp_path, "", KEDGE_DEBUG="1", KEDGE_TEST_DATA="x").hash == Settings().hash


def test_tickers_that_yaml_1_1_would_mangle_stay_texts(tmp_path: Path) -> None:
    universe = read(
        tmp_path, "universe: {symbols: [ON, NO, Y, 000660, 700], benchmark: 7}"
    ).universe
    assert universe.symbols == ("ON", "NO", "Y", "000660", "700")
    assert universe.benchmark == "7"


def test_scientific_notation_is_a_number(tmp_path: Path) -> None:
    assert read(tmp_path, "research: {price_noise: 1e-4}").research.price_noise == 1e-4


def test_one_ceiling_leaves_the_others_at_their_defaults(tmp_path: Path) -> None:
    ceiling = read(tmp_path, "limits: {position_ceiling: {spot: 0.15}}").limits.position_ceiling
    assert [ceiling.of(kind) for kind in AssetClass if kind not in RESERVED] == [0.15, 0.25, 0.20]


def test_named_coins_are_added_to_the_defaults(tmp_path: Path) -> None:
    costs = read(tmp_path, "costs: {described_coins: {DOGE: 0.4, SOL: 0.2}}").costs
    assert dict(costs.described_coins) == {"BTC": 0.05, "ETH": 0.08, "SOL": 0.2, "DOGE": 0.4}


def test_date_without_a_zone_is_utc(tmp_path: Path) -> None:
    data = read(tmp_path, "data: {start: 2020-01-31, end: '2021-06-01T10:00+02:00'}").data
    assert data.start == datetime(2020, 1, 31, tzinfo=UTC)
    assert data.end == datetime(2021, 6, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "horizon", "days"), [("1d", "auto", 5), ("5m", "auto", 1), ("5m", "2d", 2)]
)
def test_horizon_follows_the_interval_unless_given(
    tmp_path: Path, interval: str, horizon: str, days: int
) -> None:
    settings = read(
        tmp_path, f"universe: {{interval: {interval}}}\nensemble: {{horizon: {horizon}}}"
    )
    assert settings.horizon_ns == days * 86_400 * 10**9


def test_hash_ignores_order_spelling_and_where_the_store_lies(tmp_path: Path) -> None:
    one = read(tmp_path, "seed: 3\nlimits: {var: 0.05, position: 0.1}\ndata: {store: a}")
    two = read(tmp_path, "limits: {position: 1e-1}\nseed: 3.0\ndata: {store: /b}")
    assert one.hash == two.hash
    assert len(one.hash) == 64


@configure(deadline=None)
@given(st.sampled_from(["limits.position", "sizing.kelly_fraction", "limits.var", "limits.group"]))
def test_hash_changes_with_any_value(key: str) -> None:
    assert replace(Settings(), {key: 0.0625}).hash != Settings().hash


def test_replacing_values_checks_them_and_keeps_the_folder(tmp_path: Path) -> None:
    settings = read(tmp_path, "seed: 3")
    changed = replace(settings, {"costs.stress": 2})
    assert (changed.costs.stress, changed.folder) == (2.0, tmp_path)
    assert changed.seed == 3
    with pytest.raises(ConfigError, match=r"override: costs.stress: -1"):
        replace(settings, {"costs.stress": -1})


def test_parameters_of_one_strategy_can_be_changed() -> None:
    changed = with_params(Settings(), "trend", {"fast": 3})
    assert dict(changed.strategies[-1].params) == {"fast": 3}
    assert changed.hash != Settings().hash
    with pytest.raises(ConfigError, match=r"no strategy 'tend'.*trend"):
        with_params(Settings(), "tend", {})


def test_settings_are_frozen_hashable_and_travel_between_processes() -> None:
    settings = with_params(Settings(), "trend", {"fast": 3})
    assert pickle.loads(pickle.dumps(settings)) == settings
    assert hash(settings) == hash(with_params(Settings(), "trend", {"fast": 3}))
    with pytest.raises(ValidationError, match="frozen"):
        settings.limits.position = 0.5  # type: ignore[misc]


def test_store_given_outside_the_file_starts_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").mkdir()
    path = write(tmp_path / "conf", "data: {store: here}")
    assert load_settings(path, environment={}).store == tmp_path / "conf" / "here"
    assert load_settings(path, {"data.store": Path("there")}).store == tmp_path / "there"
    assert load_settings(environment={}).store == Path("store")


def test_command_reads_the_named_file_else_the_standing_one(tmp_path: Path) -> None:
    assert find_file(None, tmp_path) is None
    path = write(tmp_path, "")
    assert find_file(None, tmp_path) == path
    assert find_file(Path("x.yaml"), tmp_path) == Path("x.yaml")
