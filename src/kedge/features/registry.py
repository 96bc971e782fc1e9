"""Every feature by name."""

from kedge.features.kernels import (
    arithmetic,
    averages,
    calendar,
    cross_section,
    history,
    microstructure,
    momentum,
    scaling,
    statistics,
    volatility,
    volume,
)
from kedge.features.spec import Feature

FAMILIES: dict[str, tuple[Feature, ...]] = {
    "History": history.FEATURES,
    "Averages": averages.FEATURES,
    "Momentum": momentum.FEATURES,
    "Volatility": volatility.FEATURES,
    "Statistics": statistics.FEATURES,
    "Volume": volume.FEATURES,
    "Microstructure": microstructure.FEATURES,
    "Cross-section": cross_section.FEATURES,
    "Calendar": calendar.FEATURES,
    "Scaling": scaling.FEATURES,
    "Arithmetic": arithmetic.FEATURES,
}
"""Features by family, in the order of the reference page."""

FEATURES: dict[str, Feature] = {f.name: f for family in FAMILIES.values() for f in family}
"""All features by name."""
