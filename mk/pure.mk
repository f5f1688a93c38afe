# Pure sources: they compile for the host unchanged and are unit-tested there.  Absent ones do no harm.
PURE_SRCS := $(sort $(wildcard \
	vcpu/*.c \
	psci/psci_refine.c psci/psci_host.c psci/vpsci.c \
	smc/*.c \
	dev/*.c \
	arch/arm64/el2_mmu.c arch/arm64/exception_entry.c arch/arm64/stage2.c arch/arm64/vmid.c arch/arm64/gic/lr_codec.c \
	boot/fdt_scan*.c platform/fdt_bus.c platform/clocks.c \
	kernel/bundle*.c kernel/guest_fdt*.c kernel/palloc.c kernel/mmio_bus.c \
	kernel/irq_storm.c kernel/options.c kernel/passthrough.c kernel/run_queue.c kernel/guest_map.c kernel/vm_layout.c \
	kernel/console_line.c kernel/exit_times.c kernel/monitor_near.c kernel/monitor_parse.c kernel/restart_policy.c \
	kernel/vcpu_hint.c kernel/vcpu_json.c kernel/vcpu_words.c kernel/vm_plan.c \
	lib/*.c))
# newlib's hooks have no place in a program with a real libc
PURE_SRCS := $(filter-out lib/libc_shim.c,$(PURE_SRCS))
