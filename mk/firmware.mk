# EL3 firmware of our own for the tests: each tests/firmware/NAME.S is build/firmware/NAME.bin, linked for address 0.

FIRMWARE := $(patsubst tests/firmware/%.S,build/firmware/%.bin,$(sort $(wildcard tests/firmware/*.S)))

build/firmware/%.elf: tests/firmware/%.S mk/firmware.mk | setup-build
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -nostdlib -static -no-pie -march=armv8-a -Wall -Wextra -Werror \
		-Wl,--build-id=none,-z,noexecstack,-Ttext=0 $< -o $@
build/firmware/%.bin: build/firmware/%.elf
	$(Q)$(CROSS)objcopy -O binary $< $@
	@echo "  FIRM    $@"

# whoever makes the test guests wants the firmware under them
guests: $(FIRMWARE)
