"""HTML that is escaped by construction.

Text becomes markup only through `el` and `join`, which escape every plain
string; `Html` marks what has been escaped already.
"""

import html
from collections.abc import Iterable
from typing import Final, TypeAlias


class Html(str):
    """Markup whose text has been escaped."""

    __slots__ = ()


Content: TypeAlias = "str | Iterable[Content] | None"
"""Text (escaped), markup (kept), nothing, or a sequence of these."""

EMPTY: Final = Html("")
VOID: Final = frozenset({"meta", "input", "br", "hr", "line", "rect", "path", "circle"})
"""Elements written without content."""


def escape(text: str) -> Html:
    """Text as markup; control characters that HTML forbids are dropped."""
    legal = "".join(c for c in text if c >= " " or c in "\t\n")
    return Html(html.escape(legal, quote=True))


def join(content: Content) -> Html:
    """Content as markup: strings are escaped, None is nothing."""
    if content is None:
        return EMPTY
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return escape(content)
    return Html("".join(join(part) for part in content))


def el(name: str, content: Content = None, /, **attributes: str | int | bool | None) -> Html:
    """One element.

    Args:
        name: the tag.
        content: text, markup or a sequence of both.
        attributes: ``cls`` is ``class``; ``_`` becomes ``-``; None and False are
            left out, True is written as a bare attribute.

    Returns:
        ``<name ...>content</name>``, everything escaped.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = "class" if key == "cls" else key.rstrip("_").replace("_", "-")
        parts.append(label if value is True else f'{label}="{escape(str(value))}"')
    opening = " ".join(parts)
    if name in VOID:
        return Html(f"<{opening}>")
    return Html(f"<{opening}>{join(content)}</{name}>")
