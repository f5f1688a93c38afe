# make vectors: what CPUs of QEMU put into EL2's registers when an instruction traps, captured anew into
# tests/vectors/*.txt. The newest QEMU that is there, so that all features of `-cpu max` are.

.PHONY: vectors
vectors: $(call FETCHED,qemu-rpi4) | setup-test
	@QEMU_RPI4='$(QEMU_RPI4)' CROSS='$(CROSS)' tests/vectors/capture.py
