"""Names of the embedded venue's folder and files."""

from typing import Final

VENUE_FOLDER: Final = "venue"
SETUP: Final = "setup"
REQUESTS: Final = "requests"
STATE: Final = "state"
