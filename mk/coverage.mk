# Which lines of the pure sources the unit tests run: gcc's counters, in objects of their own.

COVERAGE_MIN    := 95
COVERAGE_CFLAGS := -std=c11 -g -O0 --coverage -D_GNU_SOURCE -DCORBEL_DEBUG=1
COVERAGE_PURE   := $(PURE_SRCS:%.c=build/coverage/%.o)
COVERAGE_OTHERS := $(FAKE_SRCS:%.c=build/coverage/%.o) $(UNIT_COMMON:%.c=build/coverage/%.o)
COVERAGE_TESTS  := $(UNIT_TESTS:%=build/coverage/unit/%)

# Objects that are made anew leave counters of the ones before behind, which would not fit.
build/coverage/%.o: %.c $(HOST_DEPS) mk/coverage.mk | setup-test
	@mkdir -p $(@D)
	$(Q)rm -f $(@:.o=.gcda) && gcc $(COVERAGE_CFLAGS) -w $(HOST_INC) -MMD -MP -c $< -o $@
build/coverage/libpure.a: $(COVERAGE_PURE)
build/coverage/libothers.a: $(COVERAGE_OTHERS)
build/coverage/libpure.a build/coverage/libothers.a:
	$(Q)rm -f $@; ar rcs $@ $^
build/coverage/unit/%: build/coverage/tests/unit/%.o build/coverage/libpure.a build/coverage/libothers.a build/host/gcc/libdeps.a
	@mkdir -p $(@D)
	$(Q)gcc --coverage $(HOST_SAN) $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(CHECK_LIBS) -o $@

.PHONY: coverage
coverage: $(COVERAGE_TESTS)
	$(Q)find build/coverage -name '*.gcda' -exec rm -f {} +
	@LEAKS=0 scripts/run-unit $(COVERAGE_TESTS)
	@scripts/coverage $(COVERAGE_MIN) $(COVERAGE_PURE) $(UNIT_TESTS:%=build/coverage/tests/unit/%.o)

-include $(patsubst %.o,%.d,$(COVERAGE_PURE) $(COVERAGE_OTHERS) $(UNIT_TESTS:%=build/coverage/tests/unit/%.o))
