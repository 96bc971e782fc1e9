from pathlib import Path

import pytest

from kedge.data.instruments import read_instruments
from kedge.domain.errors import DataError
from kedge.interfaces.cli.main import main

REFUSED = [
    ("tick: .nan", "tick: NaN is not a finite number (write a number)"),
    ("lot: .inf", "lot: Infinity is not a finite number (write a number)"),
    ("half_spread_bps: .nan", "half_spread_bps: nan is not a finite number (write a number)"),
    ("margin_initial: .inf", "margin_initial: inf is not a finite number (write a number)"),
    ("fees: {maker_bps: -.inf}", "fees.maker_bps: -inf is not a finite number (write a number)"),
    ("fees: {taker_bps: -1}", "fees.taker_bps: -1.0 is below 0 (write 0 or more)"),
    (
        "fees: {maker_bps: -3, taker_bps: 2}",
        "fees.maker_bps: -3 is a rebate above the taker fee (write -2 or more)",
    ),
    ("half_spread_bps: -0.5", "half_spread_bps: -0.5 is below 0 (write 0 or more)"),
    ("borrow_bps: -1", "borrow_bps: -1.0 is below 0 (write 0 or more)"),
    ("average_volume: -1", "average_volume: -1.0 is below 0 (write 0 or more)"),
    ("min_notional: -1", "min_notional: -1 is below 0 (write 0 or more)"),
    ("max_lots: 0", "max_lots: 0 is below 1 (leave it out where there is no largest order)"),
    ("multiplier: 0", "multiplier: 0 is below 1 (write 1 or more)"),
    ("calendar: XMARS", "unknown calendar 'XMARS' (write XNYS, XKRX or 24/7)"),
    *(
        (
            f"asset_class: {name}",
            f"asset_class: {name}: future and option are reserved "
            "(they cannot be traded yet; kedge trades spot, equity, perpetual)",
        )
        for name in ("future", "option")
    ),
    ("inverse: true", "inverse: true is not supported yet (leave inverse out)"),
]


@pytest.mark.parametrize(("setting", "says"), REFUSED, ids=[setting for setting, _ in REFUSED])
def test_value_that_cannot_be_is_refused_in_one_line(
    setting: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "instruments.yaml"
    path.write_text(f"ABC: {{{setting}}}\n")
    with pytest.raises(DataError) as caught:
        read_instruments(path)
    assert str(caught.value) == f"{path}: ABC: {says}"


def test_rebate_up_to_the_taker_fee_and_zero_costs_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "instruments.yaml"
    path.write_text("A: {fees: {maker_bps: -2, taker_bps: 2}, half_spread_bps: 0}\n")
    (instrument,) = read_instruments(path).values()
    assert (instrument.fees.maker_bps, instrument.half_spread_bps) == (-2.0, 0.0)


def test_backtest_of_such_an_instrument_ends_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "instruments.yaml").write_text("ABC: {borrow_bps: -1}\n")
    config = tmp_path / "kedge.yaml"
    config.write_text(f"data: {{store: {store}}}\nuniverse: {{symbols: [ABC], interval: 1d}}\n")
    assert main(["backtest", str(config), "--out", str(tmp_path / "out")]) == 2
    written = capsys.readouterr().err
    assert "borrow_bps: -1.0 is below 0" in written
    assert written.count("\n") == 1
