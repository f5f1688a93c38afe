# The hypervisor image: every .c and .S below these folders.  A new file or folder below one of
# them needs no line here.

IMAGE_DIRS := boot arch/arm64 vcpu psci smc kernel platform lib dev
IMAGE_SRCS := $(filter-out arch/arm64/asm_offsets.c,$(sort $(foreach d,$(IMAGE_DIRS), \
	$(wildcard $d/*.c $d/*.S $d/*/*.c $d/*/*.S))))
IMAGE_OBJS := $(patsubst %,$(OUT)/obj/%.o,$(IMAGE_SRCS))
IMAGE_LDS  := linker/hypervisor.ld.S
LDS        := $(OUT)/gen/hypervisor.ld
OFFSETS    := $(OUT)/gen/asm_offsets.h

.PHONY: image
image: $(OUT)/corbel.img

# The compilers need the headers only; the archives are for the link.
HEADERS = $(call FETCHED,newlib) $(call FETCHED,libfdt) $(call FETCHED,mbedtls)

# What runs on an exit, a switch or an interrupt is for speed. The rest, at boot, in jobs and for the monitor, is for size.
FAST_SRCS := arch/arm64/% vcpu/% smc/% psci/% dev/% lib/% \
	$(patsubst %,kernel/%.c,exit hypercall insn_fetch irq mmio mmio_bus run run_queue sched soft_timer \
	stage2_host vcpu_switch vdev virq vm)
SMALL = $(if $(filter $(FAST_SRCS),$1),,$(SMALL_OPT))

$(OUT)/obj/%.c.o: %.c mk/toolchain.mk mk/image.mk $(HEADERS) | $(SETUP_COMPILER)
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC_TARGET) $(TARGET_CFLAGS) $(call SMALL,$<) -MMD -MP -c $< -o $@

$(OUT)/obj/%.S.o: %.S mk/toolchain.mk $(OFFSETS) $(HEADERS) | $(SETUP_COMPILER)
	@mkdir -p $(@D)
	@echo "  AS      $<"
	$(Q)$(CC_TARGET) $(TARGET_ASFLAGS) -MMD -MP -c $< -o $@

# Struct offsets for assembly: the C file is compiled to text, where each DEFINE() left a line
# `->NAME value`; no LTO, since that would leave no text, and
# always by gcc, since clang tries to assemble the line (the layouts are the ABI's).  Included as "gen/asm_offsets.h".
$(OUT)/gen/asm_offsets.s: arch/arm64/asm_offsets.c mk/toolchain.mk $(HEADERS) | $(SETUP_COMPILER)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(filter-out -flto% -fsanitize%,$(TARGET_CFLAGS)) -MMD -MP -MT $@ -MF $@.d -S $< -o $@
$(OFFSETS): $(OUT)/gen/asm_offsets.s
	@echo "  GEN     $@"
	$(Q){ echo "/* made from arch/arm64/asm_offsets.c: do not edit */"; \
	sed -n 's/^[^>]*->\([A-Za-z_][A-Za-z0-9_]*\)[ \t]*[#$$]*\(-\{0,1\}[0-9][0-9a-fx]*\).*/#define \1 \2/p' $<; } > $@

$(LDS): $(IMAGE_LDS) mk/toolchain.mk $(HEADERS) | $(SETUP_COMPILER)
	@mkdir -p $(@D)
	$(Q)$(CC_TARGET) -E -P -x assembler-with-cpp $(TARGET_ASFLAGS) -D__LINKER__=1 -MMD -MP -MT $@ -MF $@.d $< -o $@

# Static PIE: the only relocations left are R_AARCH64_RELATIVE, which start.S applies.
comma := ,
LD_FLAGS = -z text -z max-page-size=4096 -z noexecstack --gc-sections --build-id=none \
	-Map=$(OUT)/corbel.map -T $(LDS)
ifeq ($(COMPILER),clang)
# The driver for clang's bare-metal target knows no -pie: lld itself, which does LTO as well.
LINK = ld.lld -pie --no-dynamic-linker $(if $(findstring -flto,$(OPT)),--lto-O2) $(LD_FLAGS)
else
LINK = $(CROSS)gcc -g $(OPT) $(TARGET_FLAGS) -nostdlib -nostartfiles -static-pie \
	$(patsubst %,-Xlinker %,$(LD_FLAGS))
endif

$(OUT)/corbel.elf: $(IMAGE_OBJS) $(LDS) $(TARGET_LIBS) scripts/nofp scripts/relocs mk/image.mk $(OUT)/gen/objects
	@echo "  LINK    $@"
	$(Q)$(LINK) $(IMAGE_OBJS) $(TARGET_LIBS) -o $@
	$(Q)CROSS=$(CROSS) scripts/nofp $@
	$(Q)CROSS=$(CROSS) scripts/relocs $@

$(OUT)/corbel.img: $(OUT)/corbel.elf
	$(Q)$(CROSS)objcopy -O binary $< $@
	@echo "  IMAGE   $@ ($$(stat -c %s $@) bytes)"

# The list of objects, so that a file that went away makes the image new as well.
$(OUT)/gen/objects: FORCE
	@mkdir -p $(@D)
	@echo '$(IMAGE_OBJS)' | cmp -s - $@ || echo '$(IMAGE_OBJS)' > $@

-include $(patsubst %.o,%.d,$(filter %.o,$(IMAGE_OBJS))) $(OUT)/gen/asm_offsets.s.d $(LDS).d
