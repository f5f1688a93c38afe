# The demo's own guests: each folder guests/NAME with C in it is one, made of its files and those of guests/common:
# build/demo/NAME.elf for a debugger, build/demo/NAME.bin as a kernel for a bundle or for QEMU.

DEMO_GUESTS := $(filter-out common,$(sort $(patsubst guests/%/,%,$(dir $(wildcard guests/*/*.c)))))

# No FP registers, no unaligned access before the MMU is on, no library: not even a call to memset.
DEMO_FLAGS = -std=c11 -O2 -g -ffreestanding -fno-pic -march=armv8-a -mgeneral-regs-only -mstrict-align \
	-mno-outline-atomics -fno-stack-protector -U_FORTIFY_SOURCE -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -Wall -Wextra -Werror \
	-nostdinc -I. -isystem $(CROSS_INC)

build/demo/obj/%.o: guests/% mk/demo-guests.mk | setup-build
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(DEMO_FLAGS) -MMD -MP -c $< -o $@

demo_objs = $(patsubst guests/%,build/demo/obj/%.o,$(sort $(wildcard guests/$1/*.[cS])))
define demo_guest
build/demo/$1.elf: $(call demo_objs,common) $(call demo_objs,$1) guests/common/guest.ld
	$$(Q)$(CROSS)gcc -nostdlib -static -no-pie -Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,max-page-size=4096 \
		-T guests/common/guest.ld $$(filter %.o,$$^) -o $$@
build/demo/$1.bin: build/demo/$1.elf
	$$(Q)$(CROSS)objcopy -O binary $$< $$@
	@echo "  GUEST   $$@"
-include $(patsubst %.o,%.d,$(call demo_objs,common) $(call demo_objs,$1))
endef
$(foreach g,$(DEMO_GUESTS),$(eval $(call demo_guest,$g)))

.PHONY: demo-guests
demo-guests: $(DEMO_GUESTS:%=build/demo/%.bin)
