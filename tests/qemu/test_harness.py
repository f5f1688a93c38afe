"""The harness itself: a test guest's output that is not right must fail."""

import harness
import pytest

GOOD = "ok 1 - a\nok 2 - b # SKIP why\n1..2\n# done\n"


def test_good_run():
    tap = harness.parse_tap(GOOD)
    assert (tap.passed, tap.failures, len(tap.skipped)) == (1, [], 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD.replace("ok 1", "not ok 1"),
        GOOD.replace("ok 1 - a\n", ""),
        GOOD.replace("ok 2", "ok 3"),
        GOOD.replace("1..2\n", ""),
        GOOD.replace("1..2", "1..3"),
        GOOD.replace("# done\n", ""),
        GOOD + "ok 2 - b\n",
        GOOD.replace("1..2", "Bail out! no\n1..2"),
        "1..0\n# done\n",
    ],
)
def test_bad_run(text):
    assert harness.parse_tap(text).failures


def test_diagnosis_is_kept():
    failures = harness.parse_tap("not ok 1 - a\n# got 1, want 2\n1..1\n# done\n").failures
    assert failures == ["not ok 1 - a\n    # got 1, want 2"]


def test_lines_of_one_vm():
    assert harness.of_vm("[a] 1\n[b] 2\n[cpu0] x: [a] no\n[a] 3\n", "a") == "1\n3"


def test_failure_tells_all():
    with harness.qemu(harness.machine_args(virtualization=False) + ["-kernel", harness.GUESTS / "hello.bin"]) as machine:
        with pytest.raises(harness.Failure) as failure:
            machine.expect("never printed", 10)
    for part in ("hello from EL1", "never printed", "status 0", "-M virt"):
        assert part in str(failure.value)


def test_qemu_is_killed():
    with harness.qemu(harness.machine_args(virtualization=False) + ["-S"]) as machine:
        assert machine.is_running()
    assert not machine.is_running()
