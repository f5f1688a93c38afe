/*
 * A Linux program that debugs its own child by hardware: a breakpoint, then a watchpoint, set by ptrace. Ends with 7,
 * or with the number of the step that went otherwise. [Linux: PTRACE_SETREGSET, NT_ARM_HW_BREAK, NT_ARM_HW_WATCH]
 */
	.equ	SYS_exit, 93
	.equ	SYS_ptrace, 117
	.equ	SYS_kill, 129
	.equ	SYS_getpid, 172
	.equ	SYS_clone, 220
	.equ	SYS_wait4, 260
	.equ	PTRACE_TRACEME, 0
	.equ	PTRACE_CONT, 7
	.equ	PTRACE_GETREGSET, 0x4204
	.equ	PTRACE_SETREGSET, 0x4205
	.equ	NT_PRSTATUS, 1
	.equ	NT_ARM_HW_BREAK, 0x402
	.equ	NT_ARM_HW_WATCH, 0x403
	.equ	SIGTRAP, 5
	.equ	SIGCHLD, 17
	.equ	SIGSTOP, 19
	.equ	CTRL_BREAK, 0x1e5		/* four bytes, execute, EL0, enabled */
	.equ	CTRL_WATCH, 0x1ff5		/* eight bytes, store, EL0, enabled */
	.equ	PC_OFFSET, 256			/* in struct user_pt_regs */

	.macro	SYSCALL nr
	mov	x8, #\nr
	svc	#0
	.endm
	.macro	STEP n
	mov	x27, #\n
	.endm

	.text
	.global	_start
_start:	STEP	1
	mov	x0, #SIGCHLD
	mov	x1, #0
	mov	x2, #0
	mov	x3, #0
	mov	x4, #0
	SYSCALL	SYS_clone
	cbz	x0, child
	tbnz	x0, #63, fail
	mov	x19, x0				/* the child */
	mov	w20, #SIGSTOP
	bl	wait_stop
	STEP	2				/* a breakpoint on `target` */
	mov	x2, #NT_ARM_HW_BREAK
	adr	x21, target
	mov	w22, #CTRL_BREAK
	bl	set_point
	STEP	3
	bl	go_on_to_trap
	STEP	4				/* off; a watchpoint on `word` */
	mov	x2, #NT_ARM_HW_BREAK
	mov	w22, #0
	bl	set_point
	mov	x2, #NT_ARM_HW_WATCH
	adrp	x21, word
	add	x21, x21, :lo12:word
	mov	w22, #CTRL_WATCH
	bl	set_point
	STEP	5
	adr	x21, store
	bl	go_on_to_trap
	STEP	6				/* off; it ends */
	mov	x2, #NT_ARM_HW_WATCH
	adrp	x21, word
	add	x21, x21, :lo12:word
	mov	w22, #0
	bl	set_point
	mov	x0, #PTRACE_CONT
	bl	ptrace
	bl	wait
	cbnz	w0, fail			/* exited, with 0 */
	STEP	7
fail:	mov	x0, x27
	SYSCALL	SYS_exit

child:	mov	x0, #PTRACE_TRACEME
	mov	x19, #0
	bl	ptrace
	SYSCALL	SYS_getpid
	mov	x1, #SIGSTOP
	SYSCALL	SYS_kill
	adrp	x1, word
	add	x1, x1, :lo12:word
target:	nop
store:	str	x1, [x1]
	mov	x0, #0
	SYSCALL	SYS_exit

/* x0: request, x2: what for; the vector is at `iov` where one is wanted. */
ptrace:	mov	x1, x19
	adrp	x3, iov
	add	x3, x3, :lo12:iov
	cmp	x0, #PTRACE_CONT
	csel	x3, xzr, x3, eq
	SYSCALL	SYS_ptrace
	cbnz	x0, fail
	ret

/* x2: NT_*; x21, w22: address and control of the first. struct user_hwdebug_state: 8 bytes, then 16 each. */
set_point:
	adrp	x3, state
	add	x3, x3, :lo12:state
	str	x21, [x3, #8]
	str	w22, [x3, #16]
	adrp	x4, iov
	add	x4, x4, :lo12:iov
	mov	x5, #24
	stp	x3, x5, [x4]
	mov	x0, #PTRACE_SETREGSET
	b	ptrace

/* Until the child stops by SIGTRAP at x21. */
go_on_to_trap:
	mov	x28, x30
	mov	x0, #PTRACE_CONT
	mov	x2, #0
	bl	ptrace
	mov	w20, #SIGTRAP
	bl	wait_stop
	adrp	x3, regs
	add	x3, x3, :lo12:regs
	adrp	x4, iov
	add	x4, x4, :lo12:iov
	mov	x5, #(34 * 8)
	stp	x3, x5, [x4]
	mov	x0, #PTRACE_GETREGSET
	mov	x2, #NT_PRSTATUS
	bl	ptrace
	adrp	x3, regs
	add	x3, x3, :lo12:regs
	ldr	x4, [x3, #PC_OFFSET]
	cmp	x4, x21
	b.ne	fail
	ret	x28

/* Its status in w0. */
wait:	mov	x0, x19
	adrp	x1, status
	add	x1, x1, :lo12:status
	mov	x2, #0
	mov	x3, #0
	SYSCALL	SYS_wait4
	adrp	x1, status
	add	x1, x1, :lo12:status
	ldr	w0, [x1]
	ret

/* It must be stopped, by the signal in w20. */
wait_stop:
	mov	x26, x30
	bl	wait
	lsl	w20, w20, #8
	orr	w20, w20, #0x7f
	cmp	w0, w20
	b.ne	fail
	ret	x26

	.bss
	.balign	16
state:	.skip	24
	.balign	16
iov:	.skip	16
regs:	.skip	34 * 8
word:	.skip	8
status:	.skip	8
