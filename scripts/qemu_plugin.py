"""Compiles a plugin of tests/bench for the QEMU at hand."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]


def build_plugin(qemu, name, folder):
    """tests/bench/NAME.c as folder/NAME.so; its path."""
    plugin = folder / f"{name}.so"
    version = subprocess.run([qemu, "--version"], check=True, capture_output=True, text=True).stdout
    api = 1 if int(re.search(r"version (\d+)", version)[1]) < 9 else 2
    warnings = ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wconversion"]
    flags = ["-std=c11", "-O2", *warnings, f"-I{ROOT}", f"-DQEMU_PLUGIN_API={api}", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "-o", plugin, ROOT / f"tests/bench/{name}.c"], check=True)
    return plugin
