# The Raspberry Pi 4: make sdcard writes build/rpi4/, make run PLATFORM=rpi4 boots it in QEMU. docs/rpi4.md tells the rest.
#
#   TFA=1   with TF-A as the armstub     BUNDLE=   other VMs than the demo's; empty: none

U_BOOT_RPI  := $(DEPS)/u-boot-rpi/u-boot.bin
U_BOOT_QEMU := $(DEPS)/u-boot-qemu/u-boot.bin
BL31_RPI4   := $(DEPS)/tf-a/bl31.bin
DTB_RPI4    := $(DEPS)/linux/bcm2711-rpi-4-b.dtb
RPI4_DIR    := build/rpi4
WITH_TFA    := $(filter-out 0,$(TFA))

# The emulator: what was fetched, unless QEMU itself has the machine, and then there is a file that says so.
QEMU_RPI4 ?= $(or $(shell ls $(DEPS)/qemu-rpi4/qemu-system-aarch64 2>/dev/null),$(QEMU))
export QEMU

$(U_BOOT_RPI): $(call FETCHED,u-boot-rpi)
	@touch $@
$(U_BOOT_QEMU): $(call FETCHED,u-boot-qemu)
	@touch $@
$(BL31_RPI4): $(call FETCHED,tf-a)
	@touch $@
$(DTB_RPI4): $(call FETCHED,linux)
	@scripts/fetch linux && touch $@

# Made anew each time: it takes a second, and any of the variables may have changed.
.PHONY: sdcard
sdcard: $(OUT)/corbel.img $(BUNDLE) $(U_BOOT_RPI) $(DTB_RPI4) $(if $(WITH_TFA),$(BL31_RPI4)) | setup-card
	$(Q)scripts/rpi4-card -o $(RPI4_DIR) --corbel $(OUT)/corbel.img --u-boot $(U_BOOT_RPI) --dtb $(DTB_RPI4) \
		$(if $(BUNDLE),--bundle $(BUNDLE)) $(if $(WITH_TFA),--bl31 $(BL31_RPI4)) --options $(call quote,$(CORBEL_OPTIONS))

# --- tests -----------------------------------------------------------------------------------------

RPI4_TEST_FILES := $(U_BOOT_RPI) $(U_BOOT_QEMU) $(BL31_RPI4) $(DTB_RPI4) $(call FETCHED,qemu-rpi4)
