/* The ID register space, by encoding: the assembler need not know the names. */
#include "arch/arm64/id_space.h"

#include "arch/arm64/sysreg.h"

#define READ_ONE(crm, op2) values[((crm)-1) * 8 + (op2)] = read_sysreg(s3_0_c0_c##crm##_##op2)
#define READ_EIGHT(crm)           \
	do {                      \
		READ_ONE(crm, 0); \
		READ_ONE(crm, 1); \
		READ_ONE(crm, 2); \
		READ_ONE(crm, 3); \
		READ_ONE(crm, 4); \
		READ_ONE(crm, 5); \
		READ_ONE(crm, 6); \
		READ_ONE(crm, 7); \
	} while (0)

void id_space_read(uint64_t values[ID_SPACE_NR])
{
	READ_EIGHT(1);
	READ_EIGHT(2);
	READ_EIGHT(3);
	READ_EIGHT(4);
	READ_EIGHT(5);
	READ_EIGHT(6);
	READ_EIGHT(7);
}

uint64_t id_revidr_read(void)
{
	return read_sysreg(revidr_el1);
}

uint64_t id_aidr_read(void)
{
	return read_sysreg(aidr_el1);
}
