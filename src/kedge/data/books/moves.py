"""Entries of a flat array moved at once: what a loop over them does five times slower."""

from collections.abc import Callable
from typing import Any, cast

from numba.core import cgutils, types
from numba.extending import intrinsic


@intrinsic
def _move(context: Any, array: Any, to: Any, start: Any, count: Any) -> Any:
    """Move ``count`` 8-byte entries of a C-contiguous array from one flat place to another.

    The two stretches may overlap; the caller keeps both inside the array.
    """
    signature = types.void(array, types.intp, types.intp, types.intp)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        target, source = builder.gep(data, [given[1]]), builder.gep(data, [given[2]])
        cast(Any, cgutils).raw_memmove(builder, target, source, given[3], 8)
        return context.get_dummy_value()

    return signature, generate


move: Callable[[Any, int, int, int], None] = cast(Any, _move)
"""(array, to, start, count): see `_move`; numba hands it the context."""
