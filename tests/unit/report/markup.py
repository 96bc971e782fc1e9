"""A strict reading of a page: every element that opens closes, in order."""

from html.parser import HTMLParser

VOID = {"meta", "input", "br", "hr", "line", "rect", "path", "circle", "link", "img"}


class Page(HTMLParser):
    """Elements, ids, attributes that load something, and text outside scripts."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.loads: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.references: list[str] = []
        self.words: list[str] = []
        self.styles: list[str] = []
        self.feed(source)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"inline handler {name} on {tag}"
            if name == "id":
                self.ids.append(value or "")
            elif name in ("src", "srcset", "data", "action", "poster"):
                self.loads.append((tag, value or ""))
            elif name == "href":
                (self.links if tag == "a" else self.references).append(value or "")
            elif name == "style":
                self.styles.append(value or "")
            elif name in ("aria-labelledby", "aria-describedby", "aria-controls", "for"):
                self.references += [f"#{word}" for word in (value or "").split()]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a start"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles.append(data)
        elif not self.open or self.open[-1] != "script":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())
