"""Corbel's own fault: provoked from outside by QEMU's gdb stub, since nothing a guest does leads there."""

import pathlib
import re
import socket
import subprocess
import tempfile

import harness

# Where QEMU puts an Image with text_offset 0 that may lie anywhere: RAM base + 2 MiB.
LOAD_ADDRESS = 0x4020_0000
PC = 32  # in gdb's numbering of the aarch64 core registers


class Gdb:
    """As much of gdb's remote protocol as it takes to stop a CPU at a place and send it elsewhere."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20 * harness.PATIENCE)
        self.socket.connect(str(path))
        self.pending = b""

    def receive(self):
        """The next packet's payload; acknowledges it."""
        while b"#" not in self.pending or len(self.pending) < self.pending.index(b"#") + 3:
            self.pending += self.socket.recv(4096)
        end = self.pending.index(b"#")
        payload = self.pending[self.pending.index(b"$") + 1 : end]
        self.pending = self.pending[end + 3 :]
        self.socket.sendall(b"+")
        return payload.decode()

    def send(self, text):
        self.socket.sendall(f"${text}#{sum(text.encode()) & 0xFF:02x}".encode())

    def ask(self, text):
        self.send(text)
        return self.receive()


def address_of(symbol):
    table = subprocess.run(["aarch64-linux-gnu-nm", harness.image().with_suffix(".elf")], check=True, capture_output=True, text=True)
    (line,) = [line for line in table.stdout.splitlines() if line.split()[-1] == symbol]
    return LOAD_ADDRESS + int(line.split()[0], 16)


def test_fault_at_el2_is_told_whole():
    """A program counter in nowhere: class in words, address, registers, a backtrace; and only once, on all CPUs."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "gdb"
        args = harness.machine_args(smp=2) + ["-kernel", harness.image(), "-gdb", f"unix:{path},server=on,wait=off"]
        with harness.qemu(args) as machine:
            machine.expect("corbel> ", 20)
            gdb = Gdb(path)
            assert gdb.receive().startswith("T")  # the machine stops when a debugger comes
            # QEMU lets only a debugger that has read the description of the registers write one.
            assert "target" in gdb.ask("qXfer:features:read:target.xml:0,ffb")
            idle = address_of("arch_wait_for_interrupt")
            assert gdb.ask(f"Z1,{idle:x},4") == "OK"
            gdb.send("c")
            machine.send("x")  # a key wakes the idle loop, which comes by
            # Either CPU may have come by; the debugger goes on with that one, and counts from 1.
            reply = gdb.receive()
            stopped = re.match(r"T05.*thread:(?:p[0-9a-f]+\.)?([0-9a-f]+);", reply)
            assert stopped, machine.fail(f"no CPU has stopped at the breakpoint: {reply}")
            nowhere = 0x1234_5678
            assert gdb.ask(f"P{PC:x}={nowhere.to_bytes(8, 'little').hex()}") == "OK"
            assert gdb.ask(f"z1,{idle:x},4") == "OK"
            gdb.send("c")
            machine.expect(rf"PANIC on CPU {int(stopped[1], 16) - 1}: unexpected synchronous exception at EL2", 20)
            machine.expect(r"ESR_EL2 [0-9a-f]+: Instruction Abort from the same Exception level", 10)
            machine.expect(r"FAR_EL2 12345678 ", 10)
            machine.expect(r"x29 [0-9a-f]{16}", 10)
            machine.expect(r"called from corbel.elf\+0x[0-9a-f]+", 10)
            machine.expect(r"no guest was loaded here", 10)
            machine.expect(r"Corbel stops here", 10, absent="PANIC")
