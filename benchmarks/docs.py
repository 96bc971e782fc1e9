"""``make docs``: write the pages that are made from the code, then check every link."""

import re
import sys
from pathlib import Path

from benchmarks import terminal
from kedge.features import reference as features
from kedge.settings import reference as settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "docs/reference/settings.md": settings.page,
    "docs/reference/features.md": features.page,
    "docs/img/terminal.svg": terminal.picture,
}
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def broken_links(root: Path) -> list[str]:
    """Relative links of the project's Markdown pages that lead nowhere."""
    pages = [*root.glob("*.md"), *(root / "docs").rglob("*.md")]
    found: list[str] = []
    for page in sorted(pages):
        targets = LINK.findall(page.read_text(encoding="utf-8"))
        local = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
        found += [f"{page.relative_to(root)}: {t} does not exist" for t in local]
    return found


def main() -> int:
    for path, page in PAGES.items():
        (ROOT / path).write_text(page(), encoding="utf-8")
        print(f"wrote {path}")
    broken = broken_links(ROOT)
    print("\n".join(broken) or "every link leads somewhere")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
