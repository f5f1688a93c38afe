# The demo's bundle: Debian's own arm64 kernel with an initrd made of its busybox, and the control loop of guests/loop.

DEBIAN_IMAGE  := $(DEPS)/linux/Image
DEBIAN_INITRD := build/debian/initrd.cpio.gz
BUNDLE        ?= build/vms.itb

$(DEBIAN_IMAGE): $(call FETCHED,linux)
	@touch $@

$(DEBIAN_INITRD): $(call FETCHED,busybox) $(call FETCHED,linux) guests/debian/mkinitrd $(shell find guests/debian/root -type f 2>/dev/null) | setup-run
	@echo "  INITRD  $@"
	$(Q)guests/debian/mkinitrd $(DEPS)/busybox/busybox guests/debian/root $(DEPS)/linux/modules $@

# The same with the kernel's torture modules, for tests: they fit one kernel.
TORTURE_INITRD := build/debian/torture.cpio.gz
$(call FETCHED,linux-torture): $(call FETCHED,linux)
$(TORTURE_INITRD): $(call FETCHED,busybox) $(call FETCHED,linux-torture) guests/debian/mkinitrd $(shell find guests/debian/root -type f 2>/dev/null) | setup-run
	@echo "  INITRD  $@"
	$(Q)guests/debian/mkinitrd $(DEPS)/busybox/busybox guests/debian/root $(DEPS)/linux-torture/modules $@

DEBIAN_VM := name=debian,kernel=$(DEBIAN_IMAGE),ramdisk=$(DEBIAN_INITRD),vcpus=2,memory=256,power-key=1,args=console=ttyAMA0 quiet
LOOP_VM   := name=loop,kernel=build/demo/loop.bin,memory=16,priority=10

build/vms.itb: scripts/corbel-bundle scripts/kernel_file.py mk/debian.mk $(DEBIAN_IMAGE) $(DEBIAN_INITRD) build/demo/loop.bin | setup-run
	@echo "  BUNDLE  $@"
	$(Q)scripts/corbel-bundle -q --vm '$(DEBIAN_VM)' --vm '$(LOOP_VM)' -o $@

.PHONY: debian bundle
debian: $(DEBIAN_IMAGE) $(DEBIAN_INITRD)
bundle: build/vms.itb
