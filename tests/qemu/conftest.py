"""Two QEMUs at a time where pytest-xdist is there; the longest tests first, so that none is left alone at the end."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))


def pytest_configure(config):
    config.addinivalue_line("markers", "native: a control run of a test guest without Corbel")
    config.addinivalue_line("markers", "long: takes ten seconds or more")
    config.addinivalue_line("markers", "soak: too long for make test; make soak runs it")


def pytest_addoption(parser):
    parser.addoption("--soak", action="store_true", help="the tests of make soak, and no others")


# Inherited by the workers, which run this hook as well: they must not start workers of their own.
SPREAD = "CORBEL_TESTS_SPREAD"


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    if not config.pluginmanager.hasplugin("xdist") or config.option.numprocesses is not None or SPREAD in os.environ:
        return
    os.environ[SPREAD] = "1"
    config.option.numprocesses = max(2, (os.cpu_count() or 2) // 2)


def pytest_collection_modifyitems(config, items):
    others = [item for item in items if (item.get_closest_marker("soak") is None) == config.getoption("--soak")]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
