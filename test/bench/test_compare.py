"""bench/compare.py judges ratios as documented, and no Python file of the repository uses an undefined name."""

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import compare  # noqa: E402


def bench_with(figures):
    """A benchmark that reports figures[binary][n] in its n-th run with that binary."""
    runs = {"old": iter(figures["old"]), "new": iter(figures["new"])}
    order = []

    def bench(context):
        order.append(context.binary)
        context.record("fake", "data", "none", next(runs[context.binary]))

    return bench, order


def run(old, new):
    bench, order = bench_with({"old": old, "new": new})
    return compare.compare("old", "new", {"fake": bench}, len(old), quick=True), order


@pytest.mark.parametrize("path, expected", [
    ("match/tenth/trine/p50", "cost"), ("match/tenth/trine/qps", "rate"), ("ask/ask_us/qps", "rate"), ("ask/ask_us/p99", "cost"),
    ("ask/stage_ms_middle/fuse", "cost"), ("bulk/documents_a_second", "rate"), ("bulk/rss_mb_most", "cost"),
    ("retail/training_seconds", "cost"), ("event/event_ms_p99", "cost"), ("match/ratio", None), ("bulk/documents", None)])
def test_knows_costs_and_rates(path, expected):
    assert compare.kind(path) == expected


def test_interval_is_students_t_on_logarithms():
    mean, low, high = compare.interval([1.0, 1.21])
    assert mean == pytest.approx(1.1)
    # Half width for two values: 12.71 * stdev / sqrt(2), where stdev = ln(1.21) / sqrt(2).
    assert high / mean == pytest.approx(1.21 ** (12.71 / 2), rel=1e-6)
    assert mean / low == pytest.approx(high / mean)


def test_marks_a_cost_that_rose_and_a_rate_that_fell(capsys):
    slower, _ = run([{"x_ms": 100 + n, "y_per_second": 1000 + n, "z_ms": 100} for n in range(4)],
                    [{"x_ms": 110 + n, "y_per_second": 900 + n, "z_ms": 101} for n in range(4)])
    assert sorted(slower) == ["fake/x_ms", "fake/y_per_second"]
    assert capsys.readouterr().out.count("SLOWER") == 2


def test_noise_around_one_and_gains_are_not_slower():
    slower, _ = run([{"x_ms": 100, "y_ms": 100}, {"x_ms": 120, "y_ms": 101}, {"x_ms": 100, "y_ms": 99}],
                    [{"x_ms": 130, "y_ms": 50}, {"x_ms": 100, "y_ms": 50}, {"x_ms": 110, "y_ms": 51}])
    assert slower == []


def test_alternates_the_order_of_a_pair():
    _, order = run([{"x_ms": 1}] * 3, [{"x_ms": 1}] * 3)
    assert order == ["old", "new", "new", "old", "old", "new"]


def test_names_figures_that_it_does_not_compare(capsys):
    run([{"x_ms": 1, "only_old_ms": 1, "runs": 5, "zero_ms": 0}] * 2, [{"x_ms": 1, "runs": 5, "zero_ms": 0}] * 2)
    last = capsys.readouterr().out
    assert all(f"fake/{name}" in last.split("not compared")[1] for name in ("only_old_ms", "runs", "zero_ms"))


@pytest.mark.parametrize("arguments, message", [
    (["--pairs", "1"], "--pairs must be at least 2"), (["nothing"], "unknown benchmark nothing")])
def test_rejects_bad_arguments(arguments, message):
    done = subprocess.run([sys.executable, str(ROOT / "bench/compare.py"), "--before", "a", "--after", "b", *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert message in done.stderr


def test_python_files_use_no_undefined_name():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    files = subprocess.run(["git", "-C", str(ROOT), "ls-files", "*.py"], capture_output=True, text=True, check=True).stdout.split()
    assert len(files) > 20
    done = subprocess.run([sys.executable, "-m", "pyflakes", *files], capture_output=True, text=True, cwd=ROOT)
    # Fixtures come by a star import, which pyflakes cannot follow.
    found = [line for line in done.stdout.splitlines() if "server_fixtures" not in line]
    assert not done.stderr and not found, "\n".join(found) + done.stderr
