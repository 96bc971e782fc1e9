"""Words that depend on a number."""


def counted(number: int, noun: str) -> str:
    """A whole number with its noun: ``1 trial``, ``24 trials``, ``1,400 trades``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
