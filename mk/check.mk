# make test, make check.

PYTEST := /usr/bin/python3 -m pytest -p no:cacheprovider

.PHONY: test soak qemu-test qemu-test-files qemu-test-images check check-scripts check-images
test:
	@$(MAKE) unit
	@$(MAKE) fuzz-short
	@scripts/check-docs
	@$(MAKE) qemu-test

qemu-test-files: image guests demo-guests debian bundle corbel-check build/host/gcc/corbel-check $(call FETCHED,linux-backports) $(TORTURE_INITRD) $(RPI4_TEST_FILES) | setup-test setup-run
# The other images are booted once each.
qemu-test-images: qemu-test-files
	@$(MAKE) image COMPILER=clang DEBUG=0
	@$(MAKE) image COMPILER=gcc DEBUG=1
	@$(MAKE) image COMPILER=gcc DEBUG=1 VMID_BITS=2
# -rs: what was skipped says why.
qemu-test: qemu-test-images
	@QEMU='$(QEMU)' QEMU_RPI4='$(QEMU_RPI4)' $(PYTEST) tests/qemu -q -rs $(PYTEST_ARGS)

# What takes too long for each day.
soak: qemu-test-images
	@QEMU='$(QEMU)' QEMU_RPI4='$(QEMU_RPI4)' $(PYTEST) tests/qemu -q -rs --soak $(PYTEST_ARGS)

# Every executable scripts/check-* is one check and says what it found.
check: check-images
	@$(MAKE) check-scripts
check-scripts: $(HEADERS) | setup-check
	@bad=0; for script in $(sort $(wildcard scripts/check-*)); do \
		[ -x $$script ] || continue; \
		if $$script; then echo "  ok      $$script"; else echo "  FAIL    $$script"; bad=1; fi; \
	done; exit $$bad
# Both compilers, release and debug; scripts/nofp and scripts/relocs run in each.
check-images: | setup-check
	@$(MAKE) image COMPILER=gcc DEBUG=0
	@$(MAKE) image COMPILER=clang DEBUG=0
	@$(MAKE) image COMPILER=gcc DEBUG=1
	@$(MAKE) image COMPILER=clang DEBUG=1
