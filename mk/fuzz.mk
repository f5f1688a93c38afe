# Fuzzing on the host: tests/fuzz/fuzz_*.c, each a libFuzzer program linked with the pure sources and
# the fakes.  FUZZ="a b" chooses, SECONDS=600 says how long each one runs.

FUZZ_ALL := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ     ?= $(FUZZ_ALL)
SECONDS  ?= 60
# what each runs in make test
FUZZ_CI_SECONDS := 10

FUZZ_SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_CFLAGS := -std=c11 -g -O1 -fno-omit-frame-pointer -D_GNU_SOURCE -DCORBEL_DEBUG=1 $(FUZZ_SAN)
FUZZ_OBJS   := $(PURE_SRCS:%.c=build/fuzz/%.o) $(FAKE_SRCS:%.c=build/fuzz/%.o)
FUZZ_DEPS   := $(LIBFDT_SRCS:%=build/fuzz/deps/libfdt/%.o) $(MBEDTLS_SRCS:%=build/fuzz/deps/mbedtls/%.o)

# The libraries are not what is fuzzed: no coverage of them steers the input.
build/fuzz/%.o: %.c $(HOST_DEPS) mk/fuzz.mk | setup-test
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link $(WARNINGS) $(HOST_INC) -MMD -MP -c $< -o $@
build/fuzz/deps/libfdt/%.o: $(HOST_DEPS) mk/fuzz.mk | setup-test
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) -w $(HOST_INC) -c $(LIBFDT)/$*.c -o $@
build/fuzz/deps/mbedtls/%.o: $(HOST_DEPS) mk/fuzz.mk | setup-test
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_CFLAGS) -w -I$(MBEDTLS)/library $(HOST_INC) -c $(MBEDTLS)/library/$*.c -o $@
build/fuzz/libpure.a: $(FUZZ_OBJS) $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(Q)rm -f $@; ar rcs $@ $^
build/fuzz/%: build/fuzz/tests/fuzz/fuzz_%.o build/fuzz/libpure.a
	$(Q)clang $(FUZZ_SAN) -fsanitize=fuzzer $^ -o $@

.PHONY: fuzz fuzz-short
fuzz: $(FUZZ:%=build/fuzz/%)
	@scripts/fuzz $(SECONDS) $(FUZZ)
# The same inputs in each run: what fails in CI fails again.
fuzz-short: $(FUZZ_ALL:%=build/fuzz/%)
	@scripts/fuzz --short $(FUZZ_CI_SECONDS) $(FUZZ_ALL)

-include $(patsubst %.o,%.d,$(FUZZ_OBJS) $(FUZZ_ALL:%=build/fuzz/tests/fuzz/fuzz_%.o))
