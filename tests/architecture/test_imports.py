import subprocess
import sys
from pathlib import Path

import grimp
from importlinter.cli import lint_imports

from architecture.house import ROOT


def test_imports_point_down() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_modules_import_each_other_in_no_circle() -> None:
    graph = grimp.build_graph("kedge", exclude_type_checking_imports=True, cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert circular(imports) == set()


def test_a_circle_is_found() -> None:
    assert circular({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == {"b", "c", "a", "d"}
    assert circular({"a": {"b"}, "b": set()}) == set()


def circular(imports: dict[str, set[str]]) -> set[str]:
    """Modules that are in a circle or lead into one: what is left when leaves are taken away."""
    left = dict(imports)
    while leaves := {name for name, used in left.items() if not used & left.keys()}:
        left = {name: used for name, used in left.items() if name not in leaves}
    return set(left)


def test_start_of_the_command_line_stands_alone() -> None:
    """What ``kedge --help`` imports stays light: no package but the domain's errors."""
    graph = grimp.build_graph("kedge", exclude_type_checking_imports=True, cache_dir=None)
    used = graph.find_upstream_modules("kedge.interfaces.cli.main")
    assert {name for name in used if not name.startswith("kedge.interfaces")} <= {
        "kedge", "kedge.compile_cache", "kedge.domain", "kedge.domain.errors",
        "kedge.domain.redact",
    }  # fmt: skip
    assert Path(ROOT / "src/kedge/interfaces/cli/main.py").is_file()


def test_a_backtest_in_memory_loads_no_tables_and_no_statistics() -> None:
    """What a decision, a run and its metrics import: the compiler and little else."""
    modules = "bootstrap", "research.run", "research.account", "research.totals", "research.sweep"
    code = "".join(f"import kedge.{name}\n" for name in modules) + "import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = "polars", "duckdb", "pandas", "rich", "scipy.stats", "scipy.cluster", "scipy.signal"
    assert set(heavy).isdisjoint(done.stdout.split())


def test_a_session_on_paper_loads_nothing_that_speaks_to_exchanges() -> None:
    code = "import sys, kedge.interfaces.cli.run_session; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"ccxt", "aiohttp", "websockets", "zstandard"}.isdisjoint(done.stdout.split())
