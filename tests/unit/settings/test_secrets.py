import json
import logging
import stat
from io import StringIO
from pathlib import Path

import pytest

from kedge.domain import redact as module
from kedge.domain.errors import ConfigError, RunError
from kedge.domain.redact import HIDDEN, HideSecrets, redact, remember
from kedge.interfaces.cli.errors import report
from kedge.interfaces.cli.main import main
from kedge.interfaces.control.wire import Answer, read_answer, write_answer
from kedge.settings import Settings, load_settings
from kedge.settings.reference import page, template
from kedge.settings.secrets import Secrets
from kedge.settings.vault import SALT, Unlock, read_vault, write_key, write_vault

CANARY = 'cAnArY-7f3a+b/"c='
BYTES = bytes(range(SALT))


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_known", ())


def secrets_of(tmp_path: Path, **environment: str) -> Secrets:
    return Secrets(environment, tmp_path / ".env", lambda: {"SEALED_KEY": "from-the-file"})


def test_environment_comes_before_dotenv_and_dotenv_before_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DOTENV_KEY=from-dotenv\nOWN_KEY=hidden-by-the-environment\n")
    secrets = secrets_of(tmp_path, OWN_KEY="from-here")
    found = [secrets.get(n).get_secret_value() for n in ("OWN_KEY", "DOTENV_KEY", "SEALED_KEY")]
    assert found == ["from-here", "from-dotenv", "from-the-file"]


def test_encrypted_file_is_opened_only_when_it_is_needed(tmp_path: Path) -> None:
    def never() -> dict[str, str]:
        raise AssertionError

    assert Secrets({"OWN_KEY": "value-of-it"}, tmp_path / ".env", never).get("OWN_KEY")


def test_missing_secret_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"venues: there is no secret A_KEY \(export A_KEY, put"):
        secrets_of(tmp_path).get("A_KEY", "venues")


def test_secret_shows_itself_in_no_repr(tmp_path: Path) -> None:
    secret = secrets_of(tmp_path, OWN_KEY=CANARY).get("OWN_KEY")
    assert CANARY not in f"{secret} {secret!r}"


@pytest.mark.parametrize(
    "said",
    [
        CANARY,
        json.dumps({"key": CANARY}),
        repr(CANARY),
        "https://x/?key=cAnArY-7f3a%2Bb%2F%22c%3D&y=1",
        "Basic Y0FuQXJZLTdmM2ErYi8iYz0=",
    ],
)
def test_remembered_secret_is_hidden_in_every_form(said: str) -> None:
    remember(CANARY)
    hidden = redact(f"before {said} after")
    assert HIDDEN in hidden
    assert "cAnArY" not in hidden
    assert "Y0FuQXJZ" not in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")


def test_longer_of_two_secrets_is_hidden_whole() -> None:
    remember("abcdef")
    remember("abcdefghij")
    assert redact("x abcdefghij y") == f"x {HIDDEN} y"


def test_error_line_and_traceback_hide_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remember(CANARY)
    monkeypatch.setenv("KEDGE_DEBUG", "1")
    try:
        raise RunError(f"the venue said: bad key {CANARY}")
    except RunError as error:
        report(error)
    said = capsys.readouterr().err
    assert said.count(HIDDEN) == 2
    assert CANARY not in said


def test_answer_at_the_control_socket_hides_a_secret() -> None:
    remember(CANARY)
    line = write_answer(Answer(True, f"key {CANARY}"))
    assert read_answer(line).said == f"key {HIDDEN}"


def test_answer_stays_readable_where_a_secret_looks_like_a_number() -> None:
    from unit.control.sessions import STATUS

    remember("100000.0")
    answer = read_answer(write_answer(Answer(True, "running", status=STATUS)))
    assert answer == Answer(True, HIDDEN)


def test_log_hides_a_secret_in_message_arguments_and_traceback() -> None:
    remember(CANARY)
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(HideSecrets())
    log = logging.getLogger("test_secrets")
    log.propagate = False
    log.addHandler(handler)
    try:
        raise ValueError(CANARY)
    except ValueError:
        log.exception("key %s", CANARY)
    assert stream.getvalue().count(HIDDEN) >= 2
    assert CANARY not in stream.getvalue()


def venues(text: str, tmp_path: Path) -> Settings:
    path = tmp_path / "f.yaml"
    path.write_text(f"venues: {text}\n")
    return load_settings(path, environment={}, dotenv=tmp_path / ".env")


def test_venue_names_its_secrets_by_itself(tmp_path: Path) -> None:
    found = venues("[binance, {name: okx, api_key: MY_KEY, passphrase: OKX_PASS}]", tmp_path)
    assert [spec.secrets for spec in found.venues] == [
        ("BINANCE_API_KEY", "BINANCE_API_SECRET"),
        ("MY_KEY", "OKX_API_SECRET", "OKX_PASS"),
    ]
    assert all(spec.testnet for spec in found.venues)


PASTED = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"[{{name: x, api_key: {PASTED}}}]", "what stands for a key is not the name of a secret"),
        (f"[{{name: x, api_secret: [{PASTED}]}}]", "is not the name of a secret"),
        (f"[{{name: x, secret: {PASTED}}}]", "unknown key 'secret'"),
        (f"[{{name: x, url: 'https://me:{PASTED}@h'}}]", "a url is no web address"),
        ("[{name: x, url: 'ftp://h'}]", "a url is no web address"),
        ("[{name: x, url: 'http://[::1'}]", "a url is no web address"),
        ("[{name: x, api_key: 12345678}]", "is not the name of a secret"),
        ("[binance, binance]", "binance is listed twice"),
        ("[Binance]", "is no name of a venue"),
    ],
)
def test_wrong_venue_is_one_line_and_repeats_no_key(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        venues(text, tmp_path)
    assert says in str(raised.value)
    assert PASTED not in str(raised.value)
    assert "12345678" not in str(raised.value)


def test_settings_name_secrets_and_leave_the_hash_of_a_trial_alone(tmp_path: Path) -> None:
    found = venues("[binance]", tmp_path)
    assert found.hash == Settings().hash
    assert "venues" in template()
    assert "An entry of `venues`" in page()


@pytest.fixture
def unlock(tmp_path: Path) -> Unlock:
    path = tmp_path / "key"
    write_key(path, bytes(range(32)))
    return Unlock(key_file=path)


def test_file_gives_back_what_was_sealed_and_shows_nothing(tmp_path: Path, unlock: Unlock) -> None:
    path = tmp_path / "deep" / "secrets.json"
    write_vault(path, {"A_KEY": CANARY}, unlock, BYTES)
    assert read_vault(path, unlock) == {"A_KEY": CANARY}
    assert b"cAnArY" not in path.read_bytes()
    assert b"A_KEY" not in path.read_bytes()
    assert redact(CANARY) == HIDDEN
    assert {stat.S_IMODE(p.stat().st_mode) for p in (path, tmp_path / "key")} == {0o600}


def test_passphrase_opens_what_it_sealed_and_another_does_not(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    write_vault(path, {"A_KEY": "value-of-a"}, Unlock("right words"), BYTES)
    assert read_vault(path, Unlock("right words")) == {"A_KEY": "value-of-a"}
    with pytest.raises(ConfigError, match="does not open with this passphrase"):
        read_vault(path, Unlock("wrong words"))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kedge_secrets": 1}', "\0", "{" * 99])
def test_damaged_file_is_one_line(content: str, tmp_path: Path, unlock: Unlock) -> None:
    path = tmp_path / "s.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="no file of secrets that this version reads"):
        read_vault(path, unlock)


def test_changed_byte_of_the_file_is_found(tmp_path: Path, unlock: Unlock) -> None:
    path = tmp_path / "s.json"
    write_vault(path, {"A_KEY": "value-of-a"}, unlock, BYTES)
    head = json.loads(path.read_text())
    head["sealed"] = (
        head["sealed"][:40] + ("A" if head["sealed"][40] != "A" else "B") + head["sealed"][41:]
    )
    path.write_text(json.dumps(head))
    with pytest.raises(ConfigError, match="does not open with this key file"):
        read_vault(path, unlock)


def test_key_file_that_others_may_read_is_refused(tmp_path: Path, unlock: Unlock) -> None:
    assert unlock.key_file is not None
    unlock.key_file.chmod(0o640)
    with pytest.raises(ConfigError, match=r"may be read by others \(run `chmod 600"):
        write_vault(tmp_path / "s.json", {}, unlock, BYTES)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["secrets", *words])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_command_seals_lists_and_removes_without_showing_a_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEDGE_SECRETS_FILE", str(tmp_path / "s.json"))
    monkeypatch.setenv("KEDGE_SECRETS_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setattr("sys.stdin", StringIO(f"{CANARY}\n"))
    assert run(capsys, "set", "A_KEY") == (0, f"A_KEY sealed in {tmp_path / 's.json'}\n")
    assert run(capsys, "list") == (0, "A_KEY\n")
    assert read_vault(tmp_path / "s.json", Unlock(key_file=tmp_path / "key")) == {"A_KEY": CANARY}
    assert run(capsys, "remove", "B_KEY")[0] == 2
    assert run(capsys, "remove", "A_KEY")[0] == 0
    assert run(capsys, "list") == (0, "")


def test_command_refuses_what_it_could_not_hide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEDGE_SECRETS_FILE", str(tmp_path / "s.json"))
    monkeypatch.setattr("sys.stdin", StringIO("abc\n"))
    code, said = run(capsys, "set", "A_KEY")
    assert (code, "6 characters or more" in said) == (2, True)
    monkeypatch.setattr("sys.stdin", StringIO("abcdefgh\n"))
    assert "looks like BINANCE_API_KEY" in run(capsys, "set", "lower")[1]
    monkeypatch.setattr("sys.stdin", StringIO("abcdefgh\n"))
    assert "needs a passphrase or a key file" in run(capsys, "set", "A_KEY")[1]


def test_variables_of_the_encrypted_file_are_no_settings() -> None:
    names = ("KEDGE_SECRETS_FILE", "KEDGE_SECRETS_KEY_FILE", "KEDGE_SECRETS_PASSPHRASE")
    assert load_settings(environment=dict.fromkeys(names, "x")).hash == Settings().hash
