import re
from pathlib import Path

from kedge.settings import Settings, load_settings
from kedge.settings.reference import page, template

KEY = re.compile(r"(?:# )?( *[a-z_]+:(?: .*)?)")
ROOT = Path(__file__).parents[3]


def test_reference_page_is_current() -> None:
    written = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert written == page(), "run `make docs`"


def test_commented_configuration_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "kedge.yaml"
    path.write_text(template(), encoding="utf-8")
    assert load_settings(path, environment={}).hash == Settings().hash


def test_commented_configuration_is_the_defaults_with_every_line_in_force(tmp_path: Path) -> None:
    keys = (KEY.fullmatch(line) for line in template().splitlines())
    text = "\n".join(match[1] for match in keys if match)
    path = tmp_path / "kedge.yaml"
    path.write_text(text, encoding="utf-8")
    settings = load_settings(path, environment={})
    assert settings.hash == Settings().hash
    for section in type(settings).model_fields:
        assert f"\n{section}:" in f"\n{text}"
