"""One store and one run of each kind for all tests: the step compiles once a process."""

from pathlib import Path

import pytest

from kedge.data.sample import import_sample
from kedge.data.store import ParquetStore
from kedge.interfaces.cli.main import main
from kedge.research.run import Run, run
from kedge.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "examples" / "sample.yaml"
CLOSE_ONLY = ROOT / "examples" / "close_only.yaml"


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The offline sample, in a store of this session."""
    folder = tmp_path_factory.mktemp("market") / "store"
    import_sample(ParquetStore(folder))
    return folder


def settings_of(config: Path, store: Path, **overrides: object) -> Settings:
    """A configuration on the session's store, whatever the process's environment says."""
    dotted = {key.replace("__", "."): value for key, value in overrides.items()}
    return load_settings(config, {"data.store": store, **dotted}, environment={})


@pytest.fixture(scope="session")
def sample_run(store: Path) -> Run:
    """The run of the sample configuration."""
    from kedge.bootstrap import decide_on, open_panel

    settings = settings_of(SAMPLE, store)
    panel = open_panel(settings)
    return run(panel, decide_on(settings, panel))


@pytest.fixture(scope="session")
def sample_result(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``kedge backtest examples/sample.yaml`` writes."""
    return written(SAMPLE, store, tmp_path_factory.mktemp("out") / "sample")


@pytest.fixture(scope="session")
def close_only_result(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the close-only configuration."""
    return written(CLOSE_ONLY, store, tmp_path_factory.mktemp("out") / "close", "--quick")


def written(config: Path, store: Path, out: Path, *flags: str) -> Path:
    """Run the command on a store and return its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEDGE_DATA__STORE", str(store))
        assert main(["backtest", str(config), "--out", str(out), *flags]) == 0
    return out
