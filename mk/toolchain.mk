# Compilers, variants and flags of the target image.
#
#   COMPILER=gcc|clang   DEBUG=1   VMID_BITS=2   each combination has an output folder of its own

COMPILER ?= gcc
DEBUG    ?= 0
CROSS    ?= aarch64-linux-gnu-

ifeq ($(filter gcc clang,$(COMPILER)),)
$(error COMPILER is gcc or clang, not '$(COMPILER)')
endif

# For tests: so few VMIDs that they run out all the time.
VMID_BITS ?=

dash    := -
empty   :=
space   := $(empty) $(empty)
VARIANT := $(subst $(space),$(dash),$(strip $(filter-out gcc,$(COMPILER)) $(if $(filter-out 0,$(DEBUG)),debug) \
	$(VMID_BITS:%=vmid%)))
OUT     := build$(if $(VARIANT),/$(VARIANT))

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wconversion -Wswitch-enum -Wmissing-prototypes \
	-Wstrict-prototypes -Wundef -Wvla

# Code that runs with the MMU off, without FP registers, without any library but ours.
TARGET_FLAGS := -ffreestanding -fpie -march=armv8-a -mgeneral-regs-only -mstrict-align -mno-outline-atomics \
	-fno-stack-protector -U_FORTIFY_SOURCE -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer -fno-common
INCLUDES = -nostdinc -I. -I$(OUT) $(NEWLIB_INC) $(FDT_INC) $(HASH_INC) -isystem $(CROSS_INC)

ifeq ($(filter-out 0,$(DEBUG)),)
# auto: as many link-time jobs as make gives.
OPT := -O2 $(if $(filter clang,$(COMPILER)),-flto,-flto=auto)
SMALL_OPT := -Os
else
# Traps instead of a runtime: an undefined step ends in BRK, which the panic report names.
OPT := -Og -DCORBEL_DEBUG=1 -fsanitize=undefined -fsanitize-undefined-trap-on-error
endif

ifeq ($(COMPILER),clang)
CC_TARGET := clang --target=aarch64-none-elf
# Clang 14 knows the option by this name only; alignment checks by UBSan would fire on libfdt's macros.
SETUP_COMPILER := setup-build setup-clang
else
CC_TARGET := $(CROSS)gcc
SETUP_COMPILER := setup-build
endif

OPT += $(VMID_BITS:%=-DVMID_BITS_FORCED=%)

TARGET_CFLAGS  = -std=c11 -g $(OPT) $(TARGET_FLAGS) $(WARNINGS) $(HASH_DEF) $(INCLUDES)
# Assembly may name FP registers: only arch/arm64/fpstate.S does, and scripts/nofp sees to it.
TARGET_ASFLAGS = -g -D__ASSEMBLY__=1 $(filter-out -mgeneral-regs-only -march=%,$(TARGET_FLAGS)) \
	-march=armv8-a+fp+simd $(if $(filter-out 0,$(DEBUG)),-DCORBEL_DEBUG=1) $(INCLUDES)
