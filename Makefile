# Corbel: `make help` lists the targets.  Everything is built below build/.

all: image

# One job per CPU unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/sh
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
FORCE:
.PHONY: all FORCE

# build/ may be a link to elsewhere; V=1 shows the commands.
Q := $(if $(V),,@)

include mk/toolchain.mk mk/deps.mk mk/image.mk mk/pure.mk mk/dtb.mk mk/host.mk mk/host-tools.mk mk/fuzz.mk mk/coverage.mk mk/prove.mk mk/guests.mk mk/demo-guests.mk mk/debian.mk
include mk/run.mk mk/rpi4.mk mk/vectors.mk mk/bench.mk mk/check.mk mk/help.mk

# What the machine needs, by group; says nothing and costs milliseconds when all is there.
.PHONY: setup-build setup-host setup-clang setup-run setup-card setup-test setup-check setup-debug setup-prove
setup-build setup-host setup-clang setup-run setup-card setup-test setup-check setup-debug setup-prove: setup-%:
	@scripts/setup $*
# The largest group that the goal wants comes first, so that everything missing is told, and installed, at once.
ifneq ($(filter check,$(MAKECMDGOALS)),)
setup-build setup-host setup-clang setup-run setup-card setup-test: | setup-check
else ifneq ($(filter test unit qemu-test vectors,$(MAKECMDGOALS)),)
setup-build setup-host setup-clang setup-run setup-card: | setup-test
else ifneq ($(filter sdcard,$(MAKECMDGOALS))$(filter rpi4,$(PLATFORM)),)
setup-build setup-run: | setup-card
else ifneq ($(filter run debug bundle,$(MAKECMDGOALS)),)
setup-build: | setup-run
endif

.PHONY: clean distclean
clean:
	$(Q)[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name deps ! -name apt -exec rm -rf {} +
distclean:
	$(Q)rm -rf build

# For scripts: the value of a variable, as in `make -s print-PURE_SRCS`.
print-%:
	@echo '$($*)'
