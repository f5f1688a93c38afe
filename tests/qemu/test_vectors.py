"""tests/vectors/traps.txt, on which a unit test tries the decode chain, is what QEMU's CPUs do today."""

import sys

import harness
import pytest

sys.path.insert(0, str(harness.ROOT / "tests" / "vectors"))

import capture  # noqa: E402


def test_golden_rows_hold():
    """The same program on the same CPUs again. A row of another QEMU may differ: then `make vectors`, and look why."""
    found = capture.differences()
    if found is None:
        pytest.skip(f"made by another QEMU than {capture.version()}")
    assert found == []
