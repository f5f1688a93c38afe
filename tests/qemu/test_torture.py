"""The kernel's own torture tests, rcutorture and locktorture, in a Debian with more vCPUs than there are CPUs: grace periods and
mutexes whose holders are preempted at any instruction, CPUs that go off and on by PSCI, fork, exec and pipes beside them.

Debian builds none of these modules for arm64, so they are made of its own sources and headers of the same kernel
(scripts/fetch, linux-torture), which is the one of the other tests, unchanged."""

import re

import harness
import pytest
from test_many_vms import COMPLAINTS

SKIPPED = harness.BUILD / "deps" / "linux-torture" / "skipped"
pytestmark = pytest.mark.skipif(SKIPPED.exists(), reason=SKIPPED.read_text().strip() if SKIPPED.exists() else "")

BAD = rf"{COMPLAINTS}|blocked for more than|!!!|Writer stall|End of test: (?!SUCCESS)\w+\W|CORBEL-TEST torture ends with [^0]|Call trace"


def torture(seconds, smp, gic):
    # By instructions the host makes nobody late, so the kernel may complain after a quarter of its usual 21 s.
    icount = smp == 1
    bootargs = f"console=ttyAMA0 corbel.run=torture,poweroff torture-seconds={seconds}" + (" rcupdate.rcu_cpu_stall_timeout=5" if icount else "")
    vm = harness.Vm("debian", harness.DEBIAN_KERNEL, harness.TORTURE_INITRD, bootargs, 4, 256)
    with harness.corbel(harness.bundle(vm), gic=gic, smp=smp, icount=icount, icount_shift=5) as machine:
        machine.expect("CORBEL-GUEST-UP cpus=4", 120, absent="Kernel panic|Oops")
        machine.expect("rcu-torture:--- End of test: SUCCESS", 10 * seconds + 60, absent=BAD)
        machine.expect("mutex_lock-torture:--- End of test: SUCCESS", 10 * seconds + 60, absent=BAD)
        machine.expect("CORBEL-TEST torture ends with 0", 120, absent=BAD)
        machine.wait_end(60)
        return machine, machine.console()


def check_that_it_was_torture(machine, console, smp):
    reads = [[int(n) for n in line.split()] for line in re.findall(r"rcu-torture: Reader Pipe:  ([\d ]+)", console)]
    assert reads and reads[-1][0] > 0 and not any(reads[-1][2:]), machine.fail(f"readers: {reads}")
    writes = re.findall(r"Writes:  Total: (\d+)  Max/Min: \d+/\d+   Fail: (\d+)", console)
    assert writes and int(writes[-1][0]) > 0 and writes[-1][1] == "0", machine.fail(f"writers: {writes}")
    assert len(re.findall(r"forkpipe: [1-9]\d* rounds", console)) == 4, machine.fail("not four CPUs at work")
    if smp > 1:
        return  # how many more there are in that time is the host's
    offs, ons = re.findall(r"rcu-torture: rtc: .* onoff: (\d+)/\d+:(\d+)/\d+ ", console)[-1]
    assert int(offs) > 0 and int(ons) > 0, machine.fail("no CPU went off and on")


@pytest.mark.long
@pytest.mark.parametrize("smp,gic", [(1, 2), (2, 3)])
def test_torture(smp, gic):
    machine, console = torture(10, smp, gic)
    check_that_it_was_torture(machine, console, smp)


@pytest.mark.soak
@pytest.mark.parametrize("smp,gic", [(1, 2), (1, 3), (2, 2), (2, 3)])
def test_torture_for_a_minute(smp, gic):
    machine, console = torture(60, smp, gic)
    check_that_it_was_torture(machine, console, smp)
