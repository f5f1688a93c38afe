# make run, make debug: QEMU's virt machine with the image and a bundle: the demo's, BUNDLE=, or one that is made here, of
# KERNEL= or GUEST=. PLATFORM=rpi4: QEMU's Raspberry Pi 4 instead, with the card of mk/rpi4.mk.

PLATFORM ?= virt
ifeq ($(filter virt rpi4,$(PLATFORM)),)
$(error PLATFORM is virt or rpi4, not '$(PLATFORM)')
endif
ON_RPI4 := $(filter rpi4,$(PLATFORM))
ifneq ($(ON_RPI4),)
$(foreach v,GIC CPU SMP $(if $(KERNEL)$(GUEST),,MEM),$(if $(filter command,$(origin $v)),$(error $v: a Pi 4 is what it is; leave $v out)))
endif

QEMU ?= qemu-system-aarch64
GIC  ?= 3
CPU  ?= cortex-a57
SMP  ?= 2
QEMU_ARGS ?=

ifeq ($(filter 2 3,$(GIC)),)
$(error GIC is 2 or 3, not '$(GIC)')
endif

# 'TEXT' for the shell, whatever is in it
quote = '$(subst ','\'',$1)'
# The variable $1 names a file that is there, or is empty.
check_file = $(if $(word 2,$($1)),$(error $1: make cannot take '$($1)': give it a path without blanks))$(if \
	$($1),$(if $(wildcard $($1)),,$(error $1: there is no file '$($1)')))

ifeq ($(KERNEL)$(GUEST),)
# The demo or BUNDLE: MEM is the machine's memory, APPEND goes to Corbel.
MEM ?= 1G
MACHINE_MEM = $(MEM)
CORBEL_OPTIONS = $(strip $(CORBEL_APPEND) $(APPEND))
WHAT = $(if $(BUNDLE),guests from $(BUNDLE),no guests)

else
# One guest: MEM and APPEND are the guest's, and the machine has room for it, its bundle, and 256 MiB more.
RUN_DIR ?= build/run
ONE_VM := $(RUN_DIR)/vms.itb
ONE_KERNEL := $(if $(GUEST),build/demo/$(GUEST).elf,$(KERNEL))
ONE_IS_ELF = $(filter ELF,$(shell head -c 4 $(ONE_KERNEL) | tail -c 3))
MACHINE_MEM = $(shell mib='$(or $(MEM),128)'; \
	case $$mib in (*[gG]) mib=$$(($${mib%[gG]} * 1024)) ;; (*) mib=$${mib%[mM]} ;; esac; \
	mib=$$((mib + 256 + $$(stat -c %s $(ONE_VM)) / 1048576)); \
	echo $$((mib > 1024 ? mib : 1024))M)
CORBEL_OPTIONS = $(CORBEL_APPEND)
WHAT = guest $(ONE_KERNEL) ($(or $(VCPUS),1) vCPU$(if $(filter-out 1,$(VCPUS)),s), $(if \
	$(filter %G %g %M %m,$(MEM)),$(MEM),$(or $(MEM),128)M))

# ,KEY=VALUE for corbel-bundle, where two commas stand for one
vm_key = $(if $($2),$(comma)$1=$(subst $(comma),$(comma)$(comma),$($2)))
ONE_VM_KEYS = $(call vm_key,ramdisk,INITRD)$(call vm_key,fdt,DTB)$(call vm_key,vcpus,VCPUS)$(call \
	vm_key,memory,MEM)$(call vm_key,args,APPEND)
# Made anew each time: it takes a second, and any of these may have changed.
$(ONE_VM): $(if $(GUEST),$(ONE_KERNEL)) FORCE | setup-run
	$(Q)mkdir -p $(@D)
	$(Q)scripts/corbel-bundle -q --vm $(call quote,kernel=$(subst $(comma),$(comma)$(comma),$(ONE_KERNEL))$(ONE_VM_KEYS)) -o $@
endif

# Mistakes are told before anything is built: a misspelt variable would be without effect.
RUN_VARIABLES := APPEND BUNDLE COMPILER CORBEL_APPEND CPU CROSS DEBUG DTB GDB GIC GUEST INITRD KERNEL LIBFDT_SRC MBEDTLS_SRC MEM \
	NEWLIB_SRC PLATFORM QEMU QEMU_ARGS QEMU_RPI4 RUN_DIR SMP TFA V VCPUS VMID_BITS
UNKNOWN_VARIABLE = $(error $1: there is no such variable$(if $(filter $1%,$(RUN_VARIABLES)),; \
	did you mean $(firstword $(filter $1%,$(RUN_VARIABLES)))?); "make help" tells them)
ifneq ($(filter run debug sdcard,$(MAKECMDGOALS)),)
$(foreach v,$(.VARIABLES),$(if $(filter command,$(origin $v)),$(if $(filter $v,$(RUN_VARIABLES)),,$(call UNKNOWN_VARIABLE,$v))))
endif
ifneq ($(filter run debug,$(MAKECMDGOALS)),)
SMP_POSSIBLE := 1 2 3 4 5 6 7 8 $(if $(filter 3,$(GIC)),9 10 11 12 13 14 15 16)
$(if $(and $(filter $(SMP),$(SMP_POSSIBLE)),$(filter 1,$(words $(SMP)))),,$(error SMP is a number from 1 to $(lastword $(SMP_POSSIBLE)) with GIC=$(GIC), not '$(SMP)'))
$(if $(ON_RPI4),,$(if $(filter-out 0,$(TFA)),$(error TFA belongs to the Pi: it needs PLATFORM=rpi4)))
endif
ifneq ($(filter run debug sdcard,$(MAKECMDGOALS)),)
ifneq ($(GUEST),)
$(if $(filter $(GUEST),$(DEMO_GUESTS)),,$(error GUEST: there is no guests/$(GUEST)/*.c; there are: $(DEMO_GUESTS)))
$(if $(KERNEL),$(error KERNEL and GUEST both name a kernel: leave one out))
endif
ifeq ($(KERNEL)$(GUEST),)
$(foreach v,INITRD DTB VCPUS,$(if $($v),$(error $v belongs to a guest of your own: it needs KERNEL= or GUEST=)))
$(if $(filter-out build/vms.itb,$(BUNDLE)),$(call check_file,BUNDLE))
else
$(if $(filter-out build/vms.itb,$(BUNDLE)),$(error BUNDLE has kernels of its own: leave out BUNDLE, or KERNEL and GUEST))
$(foreach v,KERNEL INITRD DTB,$(call check_file,$v))
BUNDLE := $(ONE_VM)
endif
endif
ifneq ($(filter debug,$(MAKECMDGOALS)),)
override GDB := 1
endif
WAITS := $(filter-out 0,$(GDB))

QEMU_CMD = $(QEMU) -M virt,virtualization=on,gic-version=$(GIC) -cpu $(CPU) -smp $(SMP) -m $(MACHINE_MEM) \
	-display none -nic none -serial mon:stdio -kernel $(OUT)/corbel.img $(if $(BUNDLE),-initrd $(BUNDLE)) \
	$(if $(CORBEL_OPTIONS),-append $(call quote,$(CORBEL_OPTIONS))) $(if $(WAITS),-s -S) $(QEMU_ARGS)
ifneq ($(ON_RPI4),)
QEMU_CMD = scripts/rpi4-run --qemu $(QEMU_RPI4) $(RPI4_DIR) $(if $(WAITS),-s -S) $(QEMU_ARGS)
endif

# --- what is told before QEMU starts ---------------------------------------------------------------

DEMO_KEYS := Ctrl-] 2 shows the loop, Ctrl-] 1 Debian, Ctrl-] ? all keys
VIRT_WHAT = QEMU virt ($(CPU), $(SMP) CPU$(if $(filter 1,$(SMP)),,s), $(MACHINE_MEM), GICv$(GIC))
RPI4_WHAT = QEMU raspi4b, by way of $(if $(WITH_TFA),TF-A and )U-Boot (which takes a minute or two to read the card)
define BANNER

Corbel on $(if $(ON_RPI4),$(RPI4_WHAT),$(VIRT_WHAT)), $(WHAT).
$(if $(filter build/vms.itb,$(BUNDLE)),$(DEMO_KEYS),Ctrl-] ? shows the keys); Ctrl-C goes to the guest; Ctrl-A x leaves QEMU.
$(if $(WAITS),$(GDB_LINES))
endef

define GDB_LINES

QEMU waits for a debugger. In another terminal, from $(CURDIR):
  gdb-multiarch -ex 'add-symbol-file $(OUT)/corbel.elf -o $(if $(ON_RPI4),0x200000,0x40200000)' -ex 'target remote 127.0.0.1:1234'
$(if $(ONE_IS_ELF),$(GDB_GUEST_LINES))Use hbreak: the code is not in memory yet, and what puts it there \
would overwrite a software breakpoint.

endef

# To the debugger there is one address space: Corbel may have code at an address of the guest's, too.
define GDB_GUEST_LINES
or, for the guest:
  gdb-multiarch -ex 'target remote 127.0.0.1:1234' $(ONE_KERNEL)
  (gdb) hbreak main if ($$cpsr & 0xc) == 4
The condition says EL1: at EL2, it is Corbel that runs at that address.

endef

.PHONY: run debug
run: $(OUT)/corbel.img $(BUNDLE) $(if $(ON_RPI4),sdcard $(call FETCHED,qemu-rpi4)) | setup-run $(if $(WAITS),setup-debug)
	$(info $(BANNER))
	@exec $(QEMU_CMD)
debug: run
