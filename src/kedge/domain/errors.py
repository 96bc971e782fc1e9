"""The exception tree.

::

    KedgeError                  exit code 1: it was understood, and it failed
    ├── InputError              exit code 2: what, where, how to mend it
    │   ├── ConfigError         a configuration file, an environment variable
    │   ├── DataError           a market-data file or the store
    │   │   └── JournalError    a journal: damaged, newer, in use
    │   ├── MessageError        a message of a venue
    │   ├── ExpressionError     a feature expression
    │   └── StrategyError       a user's strategy function
    └── RunError                a run that could not be finished (a full disk)

The command line turns each into one line on stderr; a traceback is a defect.
"""

import errno


class KedgeError(Exception):
    """Base of everything kedge raises on purpose."""

    exit_code = 1


class InputError(KedgeError):
    """Bad usage, configuration or input: one clear line.

    Args:
        what: what is wrong, with the offending value.
        where: file, line, key or column; empty when there is none.
        remedy: what to do about it.
    """

    exit_code = 2

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        place = f"{where}: " if where else ""
        mend = f" ({remedy})" if remedy else ""
        super().__init__(" ".join(f"{place}{what}{mend}".split()))


class ConfigError(InputError):
    """A configuration file, a flag or an environment variable is wrong."""


class DataError(InputError):
    """Market data could not be read, or contradicts itself."""


class JournalError(DataError):
    """A journal is damaged, of a newer version, or in use by another process."""


class MessageError(InputError):
    """A message of a venue cannot be read, or says what cannot be."""


class ExpressionError(InputError):
    """A feature expression does not parse or would look ahead."""


class StrategyError(InputError):
    """A strategy function breaks its contract."""


class RunError(KedgeError):
    """A run was understood and could not be finished."""


def disk_is_full(error: OSError) -> bool:
    """Whether there was no room left, on the disk or in what its user may take of it."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
