"""What one who shares a budget knows of a ban."""

from pathlib import Path

from kedge.data.streams.budget import SECOND, Budget, Limit
from kedge.data.streams.budget_file import BudgetFile

LIMIT = Limit(100, 60 * SECOND)
NOW = 1_700_000_000 * SECOND


def test_a_ban_is_known_from_its_answer_on_and_stays_known() -> None:
    budget = Budget(LIMIT)
    budget.take(1, NOW)
    assert budget.banned_until == 0
    budget.answered(429, {"Retry-After": "30"}, NOW)
    assert budget.banned_until == NOW + 30 * SECOND
    budget.answered(418, {"Retry-After": "10"}, NOW)
    assert budget.banned_until == NOW + 30 * SECOND
    assert budget.take(1, NOW + 31 * SECOND) == 0
    assert budget.banned_until < NOW + 31 * SECOND


def test_a_ban_that_another_process_met_is_known_with_the_next_request(tmp_path: Path) -> None:
    ours, theirs = (Budget(LIMIT, BudgetFile(tmp_path / "host")) for _ in range(2))
    theirs.banned(NOW + 60 * SECOND, NOW)
    assert ours.banned_until == 0
    assert ours.take(1, NOW + SECOND) == 59 * SECOND
    assert ours.banned_until == NOW + 60 * SECOND
