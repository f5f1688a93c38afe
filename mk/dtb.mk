# Device trees and bundles that the unit tests read: tests/dtb/*.dts -> build/host/dtb/*.dtb, tests/dtb/*.its -> *.itb.
# The tests find them by TEST_DTB_DIR, build/host/dtb when it is not set.

TEST_DTB_DIR ?= build/host/dtb
export TEST_DTB_DIR
TEST_DTBS := $(patsubst tests/dtb/%.dts,$(TEST_DTB_DIR)/%.dtb,$(sort $(wildcard tests/dtb/*.dts))) \
	$(patsubst tests/dtb/%.its,$(TEST_DTB_DIR)/%.itb,$(sort $(wildcard tests/dtb/*.its))) \
	$(patsubst tests/dtb/%.its,$(TEST_DTB_DIR)/%-external.itb,$(sort $(wildcard tests/dtb/*.its)))

# -@: overlays refer to labels.  Warnings off: some trees are odd on purpose.
$(TEST_DTB_DIR)/%.dtb: tests/dtb/%.dts mk/dtb.mk | setup-test
	@mkdir -p $(@D)
	$(Q)dtc -q -@ -I dts -O dtb -o $@ $<
$(TEST_DTB_DIR)/%.itb: tests/dtb/%.its mk/dtb.mk | setup-test
	@mkdir -p $(@D)
	$(Q)mkimage -f $< $@ >/dev/null
$(TEST_DTB_DIR)/%-external.itb: tests/dtb/%.its mk/dtb.mk | setup-test
	@mkdir -p $(@D)
	$(Q)mkimage -E -f $< $@ >/dev/null

.PHONY: test-dtbs
test-dtbs: $(TEST_DTBS)
unit: | test-dtbs
