"""What a session runs with, and where it may trade."""

import math
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from kedge.bootstrap.deciding import find_strategies
from kedge.bootstrap.paper import check_paper
from kedge.domain.errors import ConfigError, InputError
from kedge.settings import Settings, VenueSpec, find_file, load_settings
from kedge.venues.ccxt.exchanges import exchange_of

FASTEST: Final = 10_000.0


class Chosen(NamedTuple):
    """What is to be run.

    Attributes:
        settings: the configuration.
        venue: the exchange that it trades at; None for the embedded one.
    """

    settings: Settings
    venue: VenueSpec | None

    @property
    def real(self) -> bool:
        """Whether its orders move real money."""
        return self.venue is not None and not self.venue.testnet


def choose(config: Path | None, live: bool, speed: float, duration: float | None) -> Chosen:
    """Read the configuration, and refuse what cannot be meant.

    Args:
        config: None for the sample that ships.
        live: whether real orders were asked for.
        speed: of the session's clock.
        duration: seconds, None without an end.

    Raises:
        InputError: an option, the configuration or a strategy cannot be used.
    """
    if not (math.isfinite(speed) and 0 < speed <= FASTEST):
        raise InputError(f"{speed:g} is no speed", "--speed", f"write 0.1 to {FASTEST:,.0f}")
    if duration is not None and not (math.isfinite(duration) and duration > 0):
        raise InputError(f"{duration:g} is no duration", "--duration", "write seconds above zero")
    settings = _settings(config)
    if len(settings.venues) > 1:
        names = ", ".join(spec.name for spec in settings.venues)
        raise ConfigError(f"one venue to a session, not {names}", "venues", "name one of them")
    venue = settings.venues[0] if settings.venues else None
    _refuse(venue, live, speed)
    if venue is None:
        check_paper(settings)
    elif settings.session.start is not None:
        raise ConfigError(
            f"{venue.name} keeps its own time", "session.start", "it is of the embedded venue"
        )
    find_strategies(settings)
    return Chosen(settings, venue)


def _settings(config: Path | None) -> Settings:
    """The configuration; without one ``kedge.yaml`` here, else the sample that ships."""
    path = find_file(config)
    if path is not None:
        return load_settings(path)
    sample = resources.files("kedge.interfaces.samples").joinpath("paper.yaml")
    with resources.as_file(sample) as file:
        return load_settings(file).at(Path())


def _refuse(venue: VenueSpec | None, live: bool, speed: float) -> None:
    """Say what stands against it; a venue that is named is never replaced by the embedded one."""
    if venue is None:
        if live:
            raise InputError(
                "the embedded venue has no real money to trade",
                "--live",
                "name a real venue under venues: in the configuration, or leave --live out",
            )
        return
    if live and venue.testnet:
        raise InputError(
            f"{venue.name} is configured as a test network",
            "--live",
            "write testnet: false for it, or leave --live out",
        )
    if not live and not venue.testnet:
        raise InputError(
            f"orders at {venue.name} would be real",
            "venues",
            "give --live as well, or write testnet: true",
        )
    if speed != 1.0:
        raise ConfigError(f"{venue.name} keeps its own time", "--speed", "leave --speed out")
    exchange_of(venue.name)


def confirm(chosen: Chosen, ask: Callable[[str], str]) -> None:
    """Let a person type that real orders are meant; nothing else opens that way.

    Args:
        chosen: what is to be run.
        ask: shows a text and gives the line that was typed.

    Raises:
        InputError: something else was typed, or nothing.
    """
    if chosen.venue is None or not chosen.real:
        return
    settings, phrase = chosen.settings, f"trade real money at {chosen.venue.name}"
    told = (
        f"Orders go to {chosen.venue.url or chosen.venue.name} and move real money: up to "
        f"{settings.capital:,.2f} {settings.currency or 'of the account'}, "
        f"gross limit {settings.limits.gross:g}, daily loss limit {settings.limits.daily_loss:g}.\n"
        f"Type '{phrase}' to go on: "
    )
    if ask(told).strip() != phrase:
        raise InputError("real orders were not confirmed", "--live", f"type '{phrase}' when asked")
