"""All campaigns, in the order in which they run."""

from benchmarks.soak.campaign import STATE, Campaign, beside_tests, tests
from benchmarks.soak.worlds import as_worlds_say

KEDGE = "import sys; from kedge.interfaces.cli.main import main; sys.exit(main())"
WORLDS = ("-c", KEDGE, "simulate", "--seeds", "10000", "--out", STATE, "--json")

CAMPAIGNS = (
    tests(
        "The step against its oracle on random worlds", "tests/parity/test_step_equals_oracle.py"
    ),
    tests("Planted faults in the step", "tests/parity/test_planted_faults.py"),
    tests("Whole history = row by row = after a restart", "tests/parity", "-k", "whole_path"),
    tests(
        "Event run = bar run on whole recorded markets", "tests/parity/test_event_run.py",
        "-k", "recorded_markets",
    ),
    tests("Contracts of every strategy", "tests/contracts"),
    beside_tests("200 sessions killed, and what the next one finds", "kills", "200", STATE),
    beside_tests("1,000 orders under strace: each sent after its sync", "kills.trace", "1000"),
    tests(
        "One of 1,000 bytes of a journal changed", "tests/properties/test_journal.py",
        "-k", "any_one_changed_byte", KEDGE_FLIPS="1000",
    ),
    tests("A session of one hour derived again", "tests/simulation/test_session_replay.py"),
    beside_tests("A million mutated messages of feeds", "feed_fuzz", "1000000", STATE),
    beside_tests("Mutated messages of an account's stream", "report_fuzz", "200000", STATE),
    Campaign("Simulated worlds with faults", WORLDS, told=as_worlds_say),
    tests("Bugs planted in the engine that trades", "tests/simulation/test_planted_bugs.py"),
)  # fmt: skip
