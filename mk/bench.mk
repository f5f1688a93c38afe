# make bench-jitter: how late a 1 kHz control loop's periods begin beside a busy Debian, in instructions; into
# build/bench/jitter.json and docs/jitter.svg.  BENCH_ARGS="--periods 5000 --set-up shared" makes it quick.

.PHONY: bench-jitter
bench-jitter: image demo-guests debian | setup-run
	@QEMU='$(QEMU)' CROSS='$(CROSS)' scripts/bench-jitter --image $(OUT)/corbel.img $(BENCH_ARGS)

# The guest of make bench: tests/bench/guest with what it takes of the test guests' common part.
BENCH_GUEST_SRCS := $(sort $(wildcard tests/bench/guest/*.c tests/bench/guest/*.S tests/guests/common/*.c tests/guests/common/*.S))
BENCH_GUEST_OBJS := $(patsubst tests/%,build/bench/obj/%.o,$(BENCH_GUEST_SRCS))

build/bench/obj/%.c.o: tests/%.c mk/bench.mk mk/guests.mk | setup-build
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(GUEST_FLAGS) -MMD -MP -c $< -o $@
build/bench/obj/%.S.o: tests/%.S mk/bench.mk mk/guests.mk | setup-build
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -D__ASSEMBLY__=1 $(filter-out -mgeneral-regs-only,$(GUEST_FLAGS)) -MMD -MP -c $< -o $@
build/bench/guest.elf: $(BENCH_GUEST_OBJS) $(GUEST_LD) $(LIBC_A)
	$(Q)$(CROSS)gcc -nostdlib -static -no-pie -Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,max-page-size=4096 \
		-T $(GUEST_LD) $(BENCH_GUEST_OBJS) $(LIBC_A) -o $@
build/bench/guest.bin: build/bench/guest.elf
	$(Q)$(CROSS)objcopy -O binary $< $@
	@echo "  GUEST   $@"
-include $(BENCH_GUEST_OBJS:.o=.d)

# make bench: what operations cost a guest, in instructions: on the machine itself, under Xen, under Corbel; into
# build/bench/bench.json and docs/bench.svg.  bench-check: is Corbel within targets and baseline?  A baseline rises in a
# commit of its own, by bench-baseline.
BENCH_NEEDS := image build/bench/guest.bin

.PHONY: bench bench-check bench-baseline
bench: $(BENCH_NEEDS) $(call FETCHED,xen) | setup-run
	@QEMU='$(QEMU)' scripts/bench $(BENCH_ARGS)
bench-check: $(BENCH_NEEDS) | setup-run
	@QEMU='$(QEMU)' scripts/bench --check $(BENCH_ARGS)
bench-baseline: $(BENCH_NEEDS) | setup-run
	@QEMU='$(QEMU)' scripts/bench --baseline $(BENCH_ARGS)

# Where Corbel's instructions go, of each row by steps of an exit, or of ROW= by functions: tests/bench/where.c counts.
.PHONY: bench-where
bench-where: $(BENCH_NEEDS) | setup-run
	@QEMU='$(QEMU)' CROSS='$(CROSS)' scripts/bench --where $(or $(ROW),all) $(BENCH_ARGS)
