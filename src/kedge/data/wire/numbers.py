"""Numbers of messages that are rates and not prices: floats, but finite and sane."""

import math

from kedge.domain.errors import MessageError


def fraction(text: bytes) -> float:
    """A rate as a fraction, quoted or not.

    Raises:
        MessageError: no finite number between -1 and 1.
    """
    try:
        value = float(text.strip(b' "'))
    except ValueError:
        value = math.nan
    if not -1.0 <= value <= 1.0:
        raise MessageError(f"no rate: {text[:40].decode('ascii', 'replace')!r}")
    return value
