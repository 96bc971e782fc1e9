"""The frame every panel of the report shares."""

from kedge.research.report.html import Content, Html, el, join


def panel(key: str, title: str, body: Content, lead: Content = None) -> Html:
    """A titled section.

    Args:
        key: its id, the target of the page's navigation.
        title: its heading.
        body: its content.
        lead: one or two sentences below the heading.
    """
    heading = el("h2", title, id=f"{key}-title")
    parts = [heading, _lead(lead), join(body)]
    return el("section", parts, id=key, cls="panel", aria_labelledby=f"{key}-title")


def block(title: str, body: Content, lead: Content = None) -> Html:
    """A titled part of a panel."""
    return el("div", [el("h3", title), _lead(lead), join(body)], cls="block")


def columns(*parts: Content) -> Html:
    """Parts side by side, one below the other where there is no room."""
    return el("div", [join(part) for part in parts], cls="columns")


def absent(why: str) -> Html:
    """Says why something is not shown."""
    return el("p", why, cls="absent")


def _lead(lead: Content) -> Html | None:
    return el("p", join(lead), cls="lead") if lead else None
