# Third-party code: fetched by scripts/fetch, compiled here into build/deps/lib/*.a.  Built once, by
# gcc and without LTO (so that the mem* functions the compiler calls stay whole), for every variant.

DEPS       := build/deps
NEWLIB     := $(DEPS)/newlib/newlib/libc
LIBFDT     := $(DEPS)/libfdt
MBEDTLS    := $(DEPS)/mbedtls
LIBC_A     := $(DEPS)/lib/libc.a
LIBFDT_A   := $(DEPS)/lib/libfdt.a
MBEDTLS_A  := $(DEPS)/lib/libmbedhash.a
TARGET_LIBS := $(MBEDTLS_A) $(LIBFDT_A) $(LIBC_A)

export NEWLIB_SRC LIBFDT_SRC MBEDTLS_SRC
FETCHED = $(DEPS)/$(1)/.from
$(DEPS)/%/.from: | setup-build
	@scripts/fetch $*

# .from names where the item came from: one that is to come from elsewhere now is fetched again.
ITEM_SRC = $(NEWLIB_SRC:%=newlib:%) $(LIBFDT_SRC:%=libfdt:%) $(MBEDTLS_SRC:%=mbedtls:%)
$(foreach i,$(ITEM_SRC),$(if $(filter $(word 2,$(subst :, ,$i)),$(shell cat $(DEPS)/$(firstword $(subst :, ,$i))/.from 2>/dev/null)),,\
	$(eval $(DEPS)/$(firstword $(subst :, ,$i))/.from: FORCE)))

# What an older scripts/fetch did not take out of its package. [its is_there()]
ifeq ($(wildcard $(DEPS)/linux/modules/evdev.ko),)
$(DEPS)/linux/.from: FORCE
endif

# The compiler's own headers, found when first needed: before setup there may be no compiler.
CROSS_INC = $(eval CROSS_INC := $(shell $(CROSS)gcc -print-file-name=include))$(CROSS_INC)

NEWLIB_INC = -isystem lib/newlib -isystem $(NEWLIB)/machine/aarch64 -isystem $(NEWLIB)/include
FDT_INC    = -isystem $(LIBFDT)
HASH_INC   = -isystem lib/mbedtls -isystem $(MBEDTLS)/include
HASH_DEF   = -DMBEDTLS_CONFIG_FILE='<mbedtls_config.h>'

# --- flags ---------------------------------------------------------------------------------------
# No FP register anywhere, no unaligned access (the MMU may be off), no libgcc.  -w: not our warnings.
DEPS_CFLAGS = -Os -g -w -ffreestanding -fpie -fno-builtin -mgeneral-regs-only -mstrict-align \
	-mno-outline-atomics -march=armv8-a -ffunction-sections -fdata-sections -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer -fno-tree-loop-distribute-patterns \
	-U_FORTIFY_SOURCE -nostdinc
NEWLIB_CFLAGS = $(DEPS_CFLAGS) -std=gnu11 -D_COMPILING_NEWLIB -DPREFER_SIZE_OVER_SPEED \
	-DNO_FLOATING_POINT -D__SINGLE_THREAD__ -D__NO_SYSCALLS__ -DHAVE_INIT_FINI \
	$(NEWLIB_INC) -isystem $(CROSS_INC)
# Copying an image byte by byte takes seconds under emulation: these few for speed.
NEWLIB_FAST_CFLAGS = $(filter-out -Os -DPREFER_SIZE_OVER_SPEED,$(NEWLIB_CFLAGS)) -O2

# --- newlib --------------------------------------------------------------------------------------
NEWLIB_FAST := $(addprefix string/,memcpy memset memmove memcmp memchr strlen)
NEWLIB_SMALL := \
	$(addprefix string/,memrchr memmem strnlen strcmp strncmp strcasecmp strncasecmp \
		strcpy strncpy strlcpy strlcat strcat strncat strchr strrchr strstr strspn strcspn \
		strpbrk strtok_r strsep) \
	$(addprefix stdlib/,strtol strtoul strtoll strtoull abs labs mbtowc_r wctomb_r) \
	$(addprefix ctype/,ctype_ isalnum isalpha isdigit isspace isupper islower isxdigit isprint \
		ispunct toupper tolower) \
	$(addprefix stdio/,snprintf vsnprintf nano-vfprintf_i) \
	locale/locale errno/errno reent/impure search/bsearch search/qsort
NEWLIB_OBJS := $(patsubst %,$(DEPS)/obj/newlib/%.o,$(NEWLIB_FAST) $(NEWLIB_SMALL) stdio/nano-svfprintf)

$(DEPS)/obj/newlib/%.o: $(call FETCHED,newlib) mk/deps.mk lib/newlib/newlib.h
	@mkdir -p $(@D)
	@$(CROSS)gcc $(if $(filter $(NEWLIB_FAST),$*),$(NEWLIB_FAST_CFLAGS),$(NEWLIB_CFLAGS)) -c $(NEWLIB)/$*.c -o $@
# the string-only flavour of the nano printf, from the same file as the stream one
$(DEPS)/obj/newlib/stdio/nano-svfprintf.o: $(call FETCHED,newlib) mk/deps.mk lib/newlib/newlib.h
	@mkdir -p $(@D)
	@$(CROSS)gcc $(NEWLIB_CFLAGS) -DSTRING_ONLY -c $(NEWLIB)/stdio/nano-vfprintf.c -o $@
$(LIBC_A): $(NEWLIB_OBJS)

# --- libfdt --------------------------------------------------------------------------------------
# No fdt_check.c: two of the three packages that carry libfdt lack it.
LIBFDT_SRCS := fdt fdt_ro fdt_wip fdt_sw fdt_rw fdt_strerror fdt_empty_tree fdt_addresses fdt_overlay
LIBFDT_OBJS := $(patsubst %,$(DEPS)/obj/libfdt/%.o,$(LIBFDT_SRCS))
$(DEPS)/obj/libfdt/%.o: $(call FETCHED,libfdt) $(call FETCHED,newlib) mk/deps.mk
	@mkdir -p $(@D)
	@$(CROSS)gcc $(DEPS_CFLAGS) -std=gnu11 $(FDT_INC) $(NEWLIB_INC) -isystem $(CROSS_INC) -c $(LIBFDT)/$*.c -o $@
$(LIBFDT_A): $(LIBFDT_OBJS)

# --- Mbed TLS: hashes only -----------------------------------------------------------------------
MBEDTLS_SRCS := sha256 sha1 md5 platform_util
MBEDTLS_OBJS := $(patsubst %,$(DEPS)/obj/mbedtls/%.o,$(MBEDTLS_SRCS))
$(DEPS)/obj/mbedtls/%.o: $(call FETCHED,mbedtls) $(call FETCHED,newlib) mk/deps.mk lib/mbedtls/mbedtls_config.h
	@mkdir -p $(@D)
	@$(CROSS)gcc $(filter-out -Os,$(DEPS_CFLAGS)) -O2 -std=gnu11 $(HASH_DEF) -I$(MBEDTLS)/library $(HASH_INC) \
		$(NEWLIB_INC) -isystem $(CROSS_INC) -c $(MBEDTLS)/library/$*.c -o $@
$(MBEDTLS_A): $(MBEDTLS_OBJS)

$(LIBC_A) $(LIBFDT_A) $(MBEDTLS_A):
	@mkdir -p $(@D)
	@rm -f $@.new
	@$(CROSS)ar rcsD $@.new $^ && mv $@.new $@
	@echo "  AR      $@"

.PHONY: deps
deps: $(TARGET_LIBS)
