"""One typed tree of settings, parsed once.

Input: a YAML file, ``.env``, environment variables and overrides. Output: a
frozen `Settings`, or one line that says what to mend and where.
"""

from kedge.settings.limits import Limits, RiskModel
from kedge.settings.load import DEFAULT_FILE, find_file, load_settings, replace, with_params
from kedge.settings.market import Data, StrategySpec, Universe
from kedge.settings.quality import QualityChecks
from kedge.settings.session import Session
from kedge.settings.signals import Ensemble, Sizing
from kedge.settings.trading import Costs, Delisting, Execution
from kedge.settings.tree import BUILT_IN, Settings
from kedge.settings.validation import Research, Thresholds
from kedge.settings.venues import VenueSpec

__all__ = [
    "BUILT_IN",
    "DEFAULT_FILE",
    "Costs",
    "Data",
    "Delisting",
    "Ensemble",
    "Execution",
    "Limits",
    "QualityChecks",
    "Research",
    "RiskModel",
    "Session",
    "Settings",
    "Sizing",
    "StrategySpec",
    "Thresholds",
    "Universe",
    "VenueSpec",
    "find_file",
    "load_settings",
    "replace",
    "with_params",
]
