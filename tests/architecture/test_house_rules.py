from pathlib import Path
from statistics import median

import pytest

from architecture.house import SRC, broken, functions, sources, undocumented

BREAKS = [
    "import time\nt = time.time()",
    "from time import time_ns\nt = time_ns()",
    "import time as t\nnow = t.time",
    "from datetime import datetime\nnow = datetime.now()",
    "import datetime as dt\nnow = dt.datetime.utcnow()",
    "from datetime import date\nnow = date.today()",
    "import uuid\ni = uuid.uuid4()",
    "import random\nx = random.random()",
    "from random import shuffle\nshuffle([])",
    "import numpy as np\nnp.random.seed(1)",
    "from numpy.random import normal\nnormal()",
    "import numpy as np\nrng = np.random.default_rng()",
    "print(1)",
    "from numba import njit\n@njit(fastmath=True)\ndef f(): return 1",
    "from numba import njit\n@njit(cache=True, parallel=True)\ndef f(): return 1",
    "def f(): raise NotImplementedError",
    "def f(): raise NotImplementedError('later')",
    "try:\n    f()\nexcept Exception:\n    pass",
    "try:\n    f()\nexcept:\n    pass",
]
HOLDS = [
    "import time\nt = time.perf_counter()",
    "import numpy as np\nrng = np.random.default_rng(seed)",
    "import random\nrng = random.Random(7)",
    "from datetime import datetime\nt = datetime.fromisoformat('2020-01-01')",
    "def f(time):\n    return time.time()",
    "try:\n    f()\nexcept OSError:\n    pass",
]


@pytest.mark.parametrize("text", BREAKS)
def test_rule_finds_what_breaks_it(text: str) -> None:
    assert broken(text)


@pytest.mark.parametrize("text", HOLDS)
def test_rule_lets_the_rest_pass(text: str) -> None:
    assert broken(text) == []


def test_print_is_allowed_in_the_interfaces_only() -> None:
    assert broken("print(1)", may_print=True) == []


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(SRC)))
def test_source_keeps_the_house_rules(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert broken(text, may_print="interfaces" in path.parts) == []
    assert undocumented(text) == []


def test_public_things_without_a_docstring_are_found() -> None:
    text = "class A:\n    '''Doc.'''\n    def f(self): ...\ndef g(): ...\ndef _h(): ..."
    assert undocumented(text) == ["f", "g"]


def test_files_and_functions_are_small() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in sources()}
    lengths = {str(path.relative_to(SRC)): len(text.splitlines()) for path, text in texts.items()}
    assert {name: n for name, n in lengths.items() if n > 400} == {}
    assert sum(n > 350 for n in lengths.values()) <= 0.05 * len(lengths)
    assert median(n for n in lengths.values() if n) <= 150
    found = [
        (f"{path.relative_to(SRC)}:{name}", n)
        for path, text in texts.items()
        for name, n in functions(text)
    ]
    assert [function for function in found if function[1] > 60] == []
    assert median(n for _, n in found) <= 15
