"""A secret by its name: from the environment, ``.env``, or the encrypted file.

The settings name secrets and never hold them. A value is read where it is needed, wrapped
so that printing it shows nothing, and remembered by `kedge.domain.redact`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr

from kedge.domain.errors import ConfigError
from kedge.domain.redact import remember


class Secrets:
    """Where secrets are looked for, the first place that has one wins.

    Args:
        environment: variables of the process.
        dotenv: a ``.env`` file; it need not exist.
        sealed: opens the encrypted file and gives its secrets; called at most once, and only
            when a secret is found nowhere else.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        dotenv: Path = Path(".env"),
        sealed: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._environment = environment
        self._dotenv = dotenv
        self._sealed = sealed
        self._opened: Mapping[str, str] | None = None

    def get(self, name: str, where: str = "") -> SecretStr:
        """The secret of a name.

        Args:
            name: as in ``venues``.
            where: key of the settings that names it, for the message.

        Raises:
            ConfigError: there is none, or the encrypted file does not open.
        """
        value = self._environment.get(name) or self._from_dotenv(name) or self._from_sealed(name)
        if not value:
            raise ConfigError(
                f"there is no secret {name}",
                where,
                f"export {name}, put it into .env, or run `kedge secrets set {name}`",
            )
        remember(value)
        return SecretStr(value)

    def _from_dotenv(self, name: str) -> str | None:
        try:
            return dotenv_values(self._dotenv).get(name)
        except (OSError, UnicodeDecodeError):
            said = "cannot be read"
            raise ConfigError(said, str(self._dotenv), "mend or remove it") from None

    def _from_sealed(self, name: str) -> str | None:
        if self._opened is None:
            self._opened = self._sealed()
        return self._opened.get(name)
