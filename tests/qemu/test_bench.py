"""What make bench-check refuses. The measuring itself is make bench's."""

import importlib.machinery
import importlib.util
import sys

import pytest

from harness import ROOT


@pytest.fixture(scope="module")
def bench():
    scripts = str(ROOT / "scripts")
    loader = importlib.machinery.SourceFileLoader("bench", f"{scripts}/bench")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench", loader))
    sys.path.insert(0, scripts)
    try:
        loader.exec_module(module)
    finally:
        sys.path.remove(scripts)
    return module


@pytest.mark.parametrize(
    "figures, words",
    [
        ({"a": 100.0, "b": 300.0}, []),
        ({"a": 102.0, "b": 250.0}, []),
        ({"a": 102.1, "b": 300.0}, ["a: 102 instructions, and the baseline is 100"]),
        ({"a": 100.0, "b": 307.0}, ["b: 307 instructions, and the baseline is 300"]),
        ({"a": 100.0, "b": 311.0}, ["b: 311 instructions, and the baseline is 300", "b: 311 instructions, and the target is 310"]),
        ({"a": 100.0}, ["b: no figure"]),
        ({"a": None, "b": 300.0}, ["a: no figure"]),
        ({"a": 100.0, "b": 300.0, "c": 1.0}, ["c: no baseline"]),
    ],
)
def test_bench_check_refuses(bench, figures, words):
    baseline = {"a": {"target": None, "now": 100.0}, "b": {"target": 310, "now": 300.0}}
    assert list(bench.complaints("3", figures, baseline)) == [f"GICv3: {text}" for text in words]


def test_bench_check_refuses_a_missed_target(bench):
    """Though it is what the baseline has."""
    told = list(bench.complaints("2", {"a": 100.0}, {"a": {"target": 90, "now": 100.0}}))
    assert told == ["GICv2: a: 100 instructions, and the target is 90"]
