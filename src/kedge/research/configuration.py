"""Which configuration a result is of: one hash for all that says the same.

A parameter that is left out and its default written out, ``5`` and ``5.0``, are
one configuration: otherwise one idea would count as two trials, and the winner of
a search would not be recognised in a file that spells its parameters differently.
"""

import hashlib
from collections.abc import Mapping, Sequence

from kedge.domain.errors import StrategyError
from kedge.settings import Settings
from kedge.strategies.binding import BoundStrategy

Params = Mapping[str, Mapping[str, float]]
"""Every parameter of every strategy that trades, defaults included, by strategy."""


def params_of(strategies: Sequence[BoundStrategy]) -> Params:
    """The parameters that strategies are bound to."""
    return {bound.name: bound.params for bound in strategies}


def candidate_hashes(
    settings: Settings,
    strategies: Sequence[BoundStrategy],
    varied: str,
    points: Sequence[Mapping[str, float]],
) -> tuple[str, ...]:
    """Hash of the configuration that each candidate of a search is.

    Args:
        settings: as configured.
        strategies: as configured.
        varied: name of the strategy whose parameters vary.
        points: the parameters of each candidate that differ from the configured ones.
    """
    base = params_of(strategies)
    return tuple(config_hash(settings, {**base, varied: {**base[varied], **p}}) for p in points)


def config_hash(settings: Settings, params: Params) -> str:
    """Hash of a configuration, the content of its users' strategy files included.

    Args:
        settings: as configured.
        params: what the configured strategies are bound to (see `params_of`).

    Raises:
        StrategyError: a file cannot be read.
    """
    spelled = _spelled_out(settings, params)
    files = [file for spec in settings.strategies if (file := settings.strategy_file(spec))]
    if not files:
        return spelled.hash
    digest = hashlib.sha256(spelled.hash.encode())
    for file in files:
        try:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        except OSError as error:
            raise StrategyError(f"cannot be read: {error.strerror}", str(file)) from error
    return digest.hexdigest()


def _spelled_out(settings: Settings, params: Params) -> Settings:
    """The settings with every parameter of every strategy written out, as a float."""
    specs = tuple(
        spec.model_copy(
            update={"params": tuple(sorted((k, float(v)) for k, v in params[spec.name].items()))}
        )
        if spec.name in params
        else spec
        for spec in settings.strategies
    )
    return settings.model_copy(update={"strategies": specs})
