# Unit tests on the host: tests/unit/test_*.c, each a Check program of its own, linked with the pure
# sources, tests/fakes/*.c, and libfdt and the hashes from the fetched sources.  Everything is built
# by gcc and by clang, with the address and undefined-behaviour sanitizers.  CC_ONLY=gcc is quicker,
# TESTS="test_a test_b" runs some.

HOST_CCS   := $(or $(CC_ONLY),gcc clang)
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test_*.c)))
TESTS      ?= $(UNIT_TESTS)
FAKE_SRCS  := $(sort $(wildcard tests/fakes/*.c))
# what several test programs share
UNIT_COMMON := $(filter-out $(UNIT_TESTS:%=tests/unit/%.c),$(sort $(wildcard tests/unit/*.c)))

HOST_SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_CFLAGS := -std=c11 -g -Og -fno-omit-frame-pointer -D_GNU_SOURCE -DCORBEL_DEBUG=1 $(HOST_SAN)
HOST_INC     = -I. $(FDT_INC) $(HASH_INC) $(HASH_DEF)
# Check's macros convert freely; gcc's -Wconversion cannot be told to look away inside them.
UNIT_CFLAGS := $(filter-out -Wconversion -Wshadow,$(WARNINGS))

HOST_DEPS = $(call FETCHED,libfdt) $(call FETCHED,mbedtls) mk/host.mk mk/toolchain.mk

define host_rules
build/host/$1/%.o: %.c $$(HOST_DEPS) | setup-test
	@mkdir -p $$(@D)
	$$(Q)$1 $$(HOST_CFLAGS) $$(WARNINGS) $$(HOST_INC) -MMD -MP -c $$< -o $$@
build/host/$1/tests/%.o: tests/%.c $$(HOST_DEPS) | setup-test
	@mkdir -p $$(@D)
	$$(Q)$1 $$(HOST_CFLAGS) $$(UNIT_CFLAGS) $$(HOST_INC) -MMD -MP -c $$< -o $$@
build/host/$1/deps/libfdt/%.o: $$(HOST_DEPS) | setup-test
	@mkdir -p $$(@D)
	$$(Q)$1 $$(HOST_CFLAGS) -w $$(HOST_INC) -c $$(LIBFDT)/$$*.c -o $$@
build/host/$1/deps/mbedtls/%.o: $$(HOST_DEPS) | setup-test
	@mkdir -p $$(@D)
	$$(Q)$1 $$(HOST_CFLAGS) -w -I$$(MBEDTLS)/library $$(HOST_INC) -c $$(MBEDTLS)/library/$$*.c -o $$@

build/host/$1/libpure.a: $$(PURE_SRCS:%.c=build/host/$1/%.o)
build/host/$1/libfakes.a: $$(FAKE_SRCS:%.c=build/host/$1/%.o) $$(UNIT_COMMON:%.c=build/host/$1/%.o)
build/host/$1/libdeps.a: $$(LIBFDT_SRCS:%=build/host/$1/deps/libfdt/%.o) $$(MBEDTLS_SRCS:%=build/host/$1/deps/mbedtls/%.o)
build/host/$1/libpure.a build/host/$1/libfakes.a build/host/$1/libdeps.a:
	@mkdir -p $$(@D)
	$$(Q)rm -f $$@; ar rcs $$@ $$^

# Archives: a test may bring its own stand-in for a function that another file defines.
build/host/$1/unit/%: build/host/$1/tests/unit/%.o build/host/$1/libpure.a build/host/$1/libfakes.a build/host/$1/libdeps.a
	@mkdir -p $$(@D)
	$$(Q)$1 $$(HOST_SAN) $$< -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(CHECK_LIBS) -o $$@
endef
$(foreach cc,gcc clang,$(eval $(call host_rules,$(cc))))

CHECK_LIBS = $(eval CHECK_LIBS := $(shell pkg-config --libs check))$(CHECK_LIBS)

UNIT_PROGRAMS := $(foreach cc,$(HOST_CCS),$(TESTS:%=build/host/$(cc)/unit/%))

.PHONY: unit
# corbel-check is built along, so that both compilers have seen it.
unit: $(UNIT_PROGRAMS) $(HOST_CCS:%=build/host/%/corbel-check)
	@scripts/run-unit $(UNIT_PROGRAMS)

-include $(foreach cc,$(HOST_CCS),$(patsubst %.c,build/host/$(cc)/%.d,$(PURE_SRCS) $(FAKE_SRCS) $(UNIT_COMMON) $(TESTS:%=tests/unit/%.c)))
