"""Each mistake is one line: file, line, key, value and remedy."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as configure
from hypothesis import strategies as st

from kedge.domain.errors import ConfigError
from kedge.settings import Settings, load_settings
from kedge.settings.reference import leaves

CASES = [
    ("seed: 1\nlimts:\n  var: 1", r"f:2: limts: unknown key 'limts' \(did you mean 'limits'\?\)"),
    ("limits:\n  positon: .1", r"f:2: limits.positon: .*did you mean 'position'"),
    ("position: .1", r"f:1: position: .*did you mean 'limits.position'"),
    ("qqq: 1", r"f:1: qqq: unknown key 'qqq' \(keys here: data, universe"),
    ("strategies:\n- {nme: x}", r"f:2: strategies.0.nme: unknown key 'nme' \(did you mean 'name'"),
    ("limits:\n  position: -1", r"f:2: limits.position: -1: must be greater than 0 \(the default"),
    ("costs: {fx_spread_bps: -3}", r"f:1: costs.fx_spread_bps: -3: must be greater than or equal"),
    ("limits: {position: abc}", r'limits.position: "abc": must be a valid number'),
    ("limits: {position: true}", r"limits.position: true must be a number"),
    ("limits: {position: .nan}", r"limits.position: NaN: must be a finite number"),
    ("limits: {position: .inf}", r"limits.position: Infinity: must be"),
    ("limits: 3", r"f:1: limits: 3 must be a section"),
    ("seed: 1.5", r"f:1: seed: 1.5: must be a valid integer"),
    ("capital: null", r"capital: null: must be a valid number"),
    ("currency: usd", r'currency: "usd": '),
    ("universe: {symbols: AAA}", r'universe.symbols: "AAA": must be a valid list'),
    ("universe: {symbols: [A, B, A]}", r"A is listed twice"),
    ("universe: {symbols: ['']}", r'universe.symbols.0: "" is no symbol'),
    ("capital: 1e12", r"capital: a capital of 1e\+12 USD cannot be counted \(give between"),
    ("{currency: BTC, capital: 1e-9}", r"capital: a capital of 1e-09 BTC cannot be counted"),
    ("universe: {interval: 7x}", r'universe.interval: "7x" must be a count and a unit'),
    ("universe: {interval: 1w}", r"longer than a day"),
    ("strategies: []", r"f:1: strategies: \[\]: list should have at least 1 item"),
    ("strategies: [a b]", r'strategies.0.*: "a b" is neither a strategy nor file.py:function'),
    ("strategies: [trend, trend]", r"trend is listed twice"),
    (
        "strategies: [{name: trend, weight: 0}, {name: b.py:f, weight: 0}]",
        r"f:1: strategies: .* all have the weight 0: nothing would trade \(leave one above zero\)",
    ),
    ("strategies: [{weight: 1}]", r"lacks 'name'"),
    ("strategies: [{name: x, weight: -1}]", r"strategies.0.weight: -1: must be greater"),
    ("strategies: [{name: x, params: {a: [1]}}]", r"params: .*no plain value for 'a'"),
    ("data: {store: 3}", r"data.store: 3 must be a path"),
    ("data: {start: tomorrow}", r'data.start: "tomorrow" must be a date or time \(write 2020'),
    ("data: {start: 20200131}", r"data.start: 20200131 must be a date or time"),
    ("data: {end: 2019-01-01, start: 2020-01-01}", r"data.start: start .* is not before end"),
    ("limits: {gross: 2}", r"limits.gross: gross 2 is above 1 and liquidation is not modelled"),
    ("limits: {position: 0.3}", r"limits.position: .*above the ceiling of every asset class"),
    ("limits: {position_ceiling: {spot: 0.21}}", r"position_ceiling.spot: 0.21: must be less"),
    ("limits:\n  drawdown_stop: 0.05", r"f:2: limits.drawdown_stop: drawdown_start 0.1 is not"),
    ("limits: {group_join: 0.5}", r"limits.group_join: group_part 0.6 is not below group_join"),
    ("limits: {student_t_dof: 2}", r"student_t_dof: 2: must be greater than 2"),
    ("risk_model: {ewma_decay: 0.995}", r"risk_model.ewma_decay: ewma_decay 0.995 is not below"),
    ("execution: {participation: 0.2}", r"execution.participation: participation 0.2 of one"),
    ("execution: {buffer_max: 0.05}", r"execution.buffer_max: buffer_min 0.1 is above"),
    ("execution: {latency_rows: 9}", r"latency_rows: 9: must be less than or equal to 8"),
    ("execution: {fill: foo}", r"execution.fill: \"foo\": must be 'next_open', 'next_close' or"),
    ("costs: {impact_y: 0.2}", r"impact_y: 0.2: must be greater than or equal to 0.5"),
    ("costs: {described_coins: {X: -1}}", r"described_coins: .*X has the coefficient -1"),
    (
        "evidence: {weak_deflated: 0.9}",
        r"evidence.weak_deflated: 0.9: must be greater than or equal",
    ),
    ("evidence: {pbo: 0.5}", r"evidence.pbo: 0.5: must be less than or equal to 0.2"),
    ("evidence: {years: 1}", r"evidence.years: 1: must be greater than or equal to 2"),
    ("evidence: {trades: 30}", r"evidence.trades: 30: must be greater than or equal to 100"),
    ("evidence: {weak_deflated: 0.995}", r"evidence.weak_deflated: weak_deflated 0.995 is above"),
    ("quality: {stale_daily: 1}", r"quality.stale_daily: 1: must be greater than or equal to 2"),
    ("research: {delays: [9]}", r"f:1: research.delays.0: 9: must be less"),
    ("research: {cost_stress: [1]}", r"cost_stress: .*lacks 2"),
    (
        "ensemble: {weights: {technical: 0, momentum: 0, cross_asset: 0, sentiment: 0, ml: 0}}",
        r"ensemble.weights.technical: all weights are zero",
    ),
    ("database_url: postgresql://db/k", r"unknown key 'database_url'"),
    ("limits: {gross_ceiling: {spot: 2}}", r"unknown key 'gross_ceiling'"),
    ("seed: 1\nseed: 2", r"f:2: seed: the key is given twice"),
    ("1: 2", r"f:1: 1: the key is not a name"),
    ("- a", r"f: holds list where sections are expected"),
    ("ts,open,high\n1,2,3", r"f: holds str where sections are expected"),
    ("<!DOCTYPE html><html><body>a: b: c", r"f:1: not YAML"),
    ("seed: [1", r"f:1: not YAML"),
    ("a: &a [*a]", r"f:1: contains itself"),
    ("seed: !!python/object/apply:os.getcwd []", r"f:1: not YAML: could not determine"),
    ("\0", r"f: not YAML"),
    ("'{what}': 3", r"unknown key '{what}'"),
]


@pytest.mark.parametrize(("text", "says"), CASES, ids=[text[:40] for text, _ in CASES])
def test_mistake_is_named_in_one_line(
    text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f").write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        load_settings(Path("f"), environment={})
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        (
            {"KEDGE_LIMTS__VAR": "1"},
            r"environment KEDGE_LIMTS__VAR: limts: .*did you mean 'limits'",
        ),
        ({"KEDGE_LIMITS__VR": "1"}, r"environment KEDGE_LIMITS__VR: limits.vr: .*mean 'var'"),
        ({"KEDGE_LIMITS__VAR": "7"}, r"environment KEDGE_LIMITS__VAR: limits.var: 7: must be less"),
        ({"KEDGE_LIMITS": "7"}, r"environment KEDGE_LIMITS: limits: 7 must be a section"),
        ({"KEDGE_SEED": "[a"}, r"environment KEDGE_SEED: is not a YAML value"),
    ],
)
def test_environment_mistake_names_its_variable(variables: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_settings(environment=variables)


def test_dotenv_mistake_names_the_file_and_the_variable(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("KEDGE_LIMITS__VAR=x\n")
    with pytest.raises(ConfigError, match=r"\.env KEDGE_LIMITS__VAR: limits.var: \"x\""):
        load_settings(environment={}, dotenv=dotenv)


def test_mistake_points_at_the_source_that_gave_the_value(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("limits:\n  var: 0.04\n  group: 3\n")
    with pytest.raises(ConfigError, match=r"f.yaml:3: limits.group: 3"):
        load_settings(path, environment={"KEDGE_LIMITS__VAR": "0.03"})
    with pytest.raises(ConfigError, match=r"environment KEDGE_LIMITS__VAR"):
        load_settings(None, environment={"KEDGE_LIMITS__VAR": "3"})


def test_several_mistakes_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text("limits: {var: -1, group: -1}\nseed: x\n")
    with pytest.raises(ConfigError, match="2 more"):
        load_settings(path, environment={})


@pytest.mark.parametrize("kind", ["missing", "folder", "binary"])
def test_file_that_cannot_be_read_is_an_error_and_not_the_defaults(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "f.yaml"
    if kind == "folder":
        path.mkdir()
    elif kind == "binary":
        path.write_bytes(b"PAR1\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"f\.yaml: "):
        load_settings(path, environment={})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@configure(deadline=None)
@given(st.sampled_from([leaf.key for leaf in leaves(Settings())]), JUNK)
def test_any_value_is_taken_or_refused_in_one_line(key: str, value: object) -> None:
    message = _refusal({key: value})
    assert "\n" not in message
    assert not message or key.split(".")[0] in message


def _refusal(overrides: dict[str, object]) -> str:
    try:
        load_settings(None, overrides, environment={})
    except ConfigError as error:
        return str(error)
    return ""
