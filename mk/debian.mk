# The demo guest: Debian's own arm64 kernel and an initrd made of its busybox, in one bundle.

DEBIAN_IMAGE  := $(DEPS)/linux/Image
DEBIAN_INITRD := build/debian/initrd.cpio.gz
BUNDLE        ?= build/vms.itb

$(DEBIAN_IMAGE): $(call FETCHED,linux)
	@touch $@

$(DEBIAN_INITRD): $(call FETCHED,busybox) guests/debian/mkinitrd $(shell find guests/debian/root -type f 2>/dev/null) | setup-run
	@echo "  INITRD  $@"
	$(Q)guests/debian/mkinitrd $(DEPS)/busybox/busybox guests/debian/root $@

build/vms.itb: guests/debian/debian.its $(DEBIAN_IMAGE) $(DEBIAN_INITRD) | setup-run
	@echo "  BUNDLE  $@"
	$(Q)mkimage -q -f $< $@ || mkimage -f $< $@

.PHONY: debian bundle
debian: $(DEBIAN_IMAGE) $(DEBIAN_INITRD)
bundle: build/vms.itb
