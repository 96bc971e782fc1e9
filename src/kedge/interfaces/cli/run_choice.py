"""What a session runs with, and where it may trade: so far the embedded venue alone."""

import math
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple

from kedge.bootstrap.paper import check_paper
from kedge.domain.errors import ConfigError, InputError
from kedge.settings import Settings, VenueSpec, find_file, load_settings

FASTEST: Final = 10_000.0


class Chosen(NamedTuple):
    """What is to be run.

    Attributes:
        settings: the configuration; it names no venue.
    """

    settings: Settings


def choose(config: Path | None, live: bool, speed: float, duration: float | None) -> Chosen:
    """Read the configuration, and refuse what cannot be meant.

    Args:
        config: None for the sample that ships.
        live: whether real orders were asked for.
        speed: of the session's clock.
        duration: seconds, None without an end.

    Raises:
        InputError: an option or the configuration cannot be used.
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
    check_paper(settings)
    return Chosen(settings)


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
        raise InputError(f"{venue.name} keeps its own time", "--speed", "leave --speed out")
    raise ConfigError(
        f"no session trades at {venue.name} yet",
        "venues",
        "leave venues out to trade on the embedded venue",
    )
