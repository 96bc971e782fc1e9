"""The report of a backtest: one honest page that opens offline."""

from kedge.research.report.model import (
    Curve,
    EquityCurve,
    InstrumentTotal,
    ReportInput,
    StrategyTotal,
)
from kedge.research.report.page import render

__all__ = ["Curve", "EquityCurve", "InstrumentTotal", "ReportInput", "StrategyTotal", "render"]
