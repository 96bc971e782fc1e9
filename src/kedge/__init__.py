"""kedge: market data to forecasts, to sized and risk-checked orders, to a record.

Importing the package only chooses the folder for compiled code (see
``compile_cache``); everything heavy is imported where it is used.
"""

from pathlib import Path as _Path

from kedge import compile_cache as _compile_cache

__version__ = "0.1.0"

_compile_cache.install(_Path(__file__).parent)
