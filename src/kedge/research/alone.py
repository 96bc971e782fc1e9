"""The verdict on a run by itself, as of a world made for one run."""

from kedge.research.account import daily_of, residual_of
from kedge.research.assess import Case, assess
from kedge.research.daily import DailyEquity
from kedge.research.run import Run
from kedge.research.verdict import Evidence


def judge_alone(run: Run, doubled: DailyEquity, seed: int) -> Evidence:
    """The verdict on a run that no other trial is related to.

    Args:
        run: at its stated costs.
        doubled: daily equity of the same at doubled costs.
        seed: of the resampling behind the lower bound.
    """
    daily = daily_of(run)
    own = residual_of(daily, run.panel, run.decision)
    case = Case(
        residual=own,
        residual_doubled=residual_of(doubled, run.panel, run.decision),
        trials=own[:, None],
        search=None,
        per_year=daily.per_year,
        trades=len(run.trades),
        point_in_time=run.panel.point_in_time,
    )
    return assess(case, seed)
