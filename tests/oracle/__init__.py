"""A slow second opinion on the life of a row.

Written from `docs/life-of-a-row.md` alone, in plain Python: exact integers and
fractions for money, `math` for weights and risk. It imports nothing of kedge
but its vocabulary (`kedge.domain`), so a fault in the compiled step and a fault
here are unlikely to be the same fault.
"""

from oracle.result import OracleResult
from oracle.run import run_oracle

__all__ = ["OracleResult", "run_oracle"]
