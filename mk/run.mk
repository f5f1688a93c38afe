# make run, make debug: QEMU's virt machine with the image and the bundle.

QEMU ?= qemu-system-aarch64
GIC  ?= 3
CPU  ?= cortex-a57
SMP  ?= 2
MEM  ?= 1G
# Corbel's own options, as /chosen/bootargs
APPEND ?=
QEMU_ARGS ?=

ifeq ($(filter 2 3,$(GIC)),)
$(error GIC is 2 or 3, not '$(GIC)')
endif
ifneq ($(filter run debug,$(MAKECMDGOALS)),)
ifneq ($(BUNDLE),build/vms.itb)
ifeq ($(wildcard $(BUNDLE)),)
$(error BUNDLE: there is no file '$(BUNDLE)')
endif
endif
endif

QEMU_CMD = $(QEMU) -M virt,virtualization=on,gic-version=$(GIC) -cpu $(CPU) -smp $(SMP) -m $(MEM) \
	-display none -nic none -serial mon:stdio \
	-kernel $(OUT)/corbel.img -initrd $(BUNDLE) $(if $(APPEND),-append '$(APPEND)') $(QEMU_ARGS)

.PHONY: run debug
run: $(OUT)/corbel.img $(BUNDLE) | setup-run
	@echo
	@echo "Corbel on QEMU virt ($(CPU), $(SMP) CPU$(if $(filter 1,$(SMP)),,s), $(MEM), GICv$(GIC)), guests from $(BUNDLE)."
	@echo "Ctrl-C goes to the guest; Ctrl-A x leaves QEMU."
	@echo
	@exec $(QEMU_CMD)

debug: $(OUT)/corbel.img $(BUNDLE) | setup-run setup-debug
	@echo
	@echo "QEMU waits for a debugger; in another terminal, from $(CURDIR):"
	@echo "  gdb-multiarch -ex 'add-symbol-file $(OUT)/corbel.elf -o 0x40200000' -ex 'target remote 127.0.0.1:1234'"
	@echo "Ctrl-A x leaves QEMU."
	@echo
	@exec $(QEMU_CMD) -s -S
