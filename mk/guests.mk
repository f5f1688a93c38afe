# EL1 test guests: each folder tests/guests/NAME is one guest, build/guests/NAME.bin: its .c and .S with
# those of tests/guests/common.  A folder's guest.mk may set NAME_CFLAGS, NAME_ASFLAGS, NAME_LDFLAGS.

GUEST_DIRS  := $(filter-out common,$(sort $(patsubst tests/guests/%/,%,$(wildcard tests/guests/*/))))
GUEST_NAMES := $(foreach g,$(GUEST_DIRS),$(if $(wildcard tests/guests/$g/*.c tests/guests/$g/*.S),$g))
GUEST_LD    := tests/guests/common/guest.ld

GUEST_FLAGS = -std=c11 -O2 -g -ffreestanding -fno-pic -march=armv8-a -mgeneral-regs-only -mstrict-align \
	-mno-outline-atomics -fno-stack-protector -U_FORTIFY_SOURCE -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fno-common -Wall -Wextra -Werror -nostdinc -I. -Itests/guests/common \
	-isystem $(CROSS_INC)

# guest_rules NAME: objects per guest, the common files too, so that a guest's flags reach them.
define guest_rules
-include tests/guests/$1/guest.mk
$1_SRCS := $$(sort $$(wildcard tests/guests/common/*.c tests/guests/common/*.S tests/guests/$1/*.c tests/guests/$1/*.S))
$1_OBJS := $$(patsubst tests/guests/%,build/guests/obj/$1/%.o,$$($1_SRCS))
build/guests/obj/$1/%.c.o: tests/guests/%.c mk/guests.mk $$(wildcard tests/guests/$1/guest.mk) | setup-build
	@mkdir -p $$(@D)
	$$(Q)$(CROSS)gcc $$(GUEST_FLAGS) $$($1_CFLAGS) -MMD -MP -c $$< -o $$@
build/guests/obj/$1/%.S.o: tests/guests/%.S mk/guests.mk $$(wildcard tests/guests/$1/guest.mk) | setup-build
	@mkdir -p $$(@D)
	$$(Q)$(CROSS)gcc -D__ASSEMBLY__=1 $$(filter-out -mgeneral-regs-only,$$(GUEST_FLAGS)) $$($1_ASFLAGS) -MMD -MP -c $$< -o $$@
build/guests/$1.elf: $$($1_OBJS) $$(GUEST_LD) $$(LIBC_A)
	$$(Q)$(CROSS)gcc -nostdlib -static -no-pie -Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,max-page-size=4096 $$($1_LDFLAGS) \
		-T $$(GUEST_LD) $$($1_OBJS) $$(LIBC_A) -o $$@
build/guests/$1.bin: build/guests/$1.elf
	$$(Q)$(CROSS)objcopy -O binary $$< $$@
	@echo "  GUEST   $$@"
-include $$($1_OBJS:.o=.d)
endef
$(foreach g,$(GUEST_NAMES),$(eval $(call guest_rules,$g)))

# EL3 firmware of our own: each tests/firmware/NAME.S is build/firmware/NAME.bin, linked for address 0.
FIRMWARE := $(patsubst tests/firmware/%.S,build/firmware/%.bin,$(sort $(wildcard tests/firmware/*.S)))

build/firmware/%.elf: tests/firmware/%.S mk/guests.mk | setup-build
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -nostdlib -static -no-pie -march=armv8-a -Wall -Wextra -Werror \
		-Wl,--build-id=none,-z,noexecstack,-Ttext=0 $< -o $@
build/firmware/%.bin: build/firmware/%.elf
	$(Q)$(CROSS)objcopy -O binary $< $@
	@echo "  FIRM    $@"

.PHONY: guests
guests: $(GUEST_NAMES:%=build/guests/%.bin) $(FIRMWARE)
