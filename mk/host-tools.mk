# Programs for the host, of Corbel's own sources: tools/corbel-check/*.c with the pure ones, build/host/corbel-check.
# build/host/gcc/corbel-check and build/host/clang/corbel-check are the same with the unit tests' sanitizers.

CHECK_SRCS := $(sort $(wildcard tools/corbel-check/*.c))
CHECK_OBJS := $(patsubst %.c,build/host/tools/%.o,$(CHECK_SRCS) $(PURE_SRCS)) \
	$(LIBFDT_SRCS:%=build/host/tools/deps/libfdt/%.o) $(MBEDTLS_SRCS:%=build/host/tools/deps/mbedtls/%.o)
TOOL_CFLAGS := -std=c11 -g -O2 -D_GNU_SOURCE -ffunction-sections -fdata-sections
TOOL_DEPS    = $(call FETCHED,libfdt) $(call FETCHED,mbedtls) mk/host-tools.mk mk/toolchain.mk

.PHONY: corbel-check
corbel-check: build/host/corbel-check

build/host/tools/%.o: %.c $(TOOL_DEPS) | setup-host
	@mkdir -p $(@D)
	$(Q)gcc $(TOOL_CFLAGS) $(WARNINGS) $(HOST_INC) -MMD -MP -c $< -o $@
build/host/tools/deps/libfdt/%.o: $(TOOL_DEPS) | setup-host
	@mkdir -p $(@D)
	$(Q)gcc $(TOOL_CFLAGS) -w $(HOST_INC) -c $(LIBFDT)/$*.c -o $@
build/host/tools/deps/mbedtls/%.o: $(TOOL_DEPS) | setup-host
	@mkdir -p $(@D)
	$(Q)gcc $(TOOL_CFLAGS) -w -I$(MBEDTLS)/library $(HOST_INC) -c $(MBEDTLS)/library/$*.c -o $@
build/host/corbel-check: $(CHECK_OBJS)
	$(Q)gcc -Wl,--gc-sections $^ -o $@
	@echo "  TOOL    $@"

define check_rules
build/host/$1/corbel-check: $$(CHECK_SRCS:%.c=build/host/$1/%.o) build/host/$1/libpure.a build/host/$1/libfakes.a build/host/$1/libdeps.a
	$$(Q)$1 $$(HOST_SAN) $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group -o $$@
endef
$(foreach cc,gcc clang,$(eval $(call check_rules,$(cc))))

-include $(patsubst %.o,%.d,$(CHECK_OBJS)) $(foreach cc,$(HOST_CCS),$(CHECK_SRCS:%.c=build/host/$(cc)/%.d))
