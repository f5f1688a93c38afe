#include "guests/loop/tree.h"

#include <stdint.h>

/* [Devicetree Specification 0.4, 5.2 header, 5.4 structure block]: big-endian words */
#define FDT_MAGIC      0xd00dfeedU
#define FDT_BEGIN_NODE 1U
#define FDT_END_NODE   2U
#define FDT_PROP       3U
#define FDT_NOP	       4U

/* A walk over all properties. A node's own stand before its subnodes, so `node` is right for each. */
struct walk {
	const uint32_t *token; /* the next one; 0: there is no tree */
	const char *strings;
	unsigned int depth; /* of the node: the root's is 1 */
	const char *node, *name, *value;
};

static uint32_t word(const uint32_t *be)
{
	return __builtin_bswap32(*be);
}

static bool equal(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return *a == *b;
}

static uint32_t words_of(uint32_t bytes)
{
	return (bytes + 3) / 4;
}

static struct walk walk_begin(const void *dtb)
{
	const uint32_t *header = dtb;

	if (!dtb || word(&header[0]) != FDT_MAGIC)
		return (struct walk){ 0 };
	return (struct walk){ .token = header + word(&header[2]) / 4, .strings = (const char *)dtb + word(&header[3]) };
}

static void enter_node(struct walk *walk)
{
	const char *end = walk->node = (const char *)(walk->token + 1); /* its name, padded */

	while (*end)
		end++;
	walk->token += 1 + words_of((uint32_t)(end + 1 - walk->node));
	walk->depth++;
}

/* To the next property; false behind the last. */
static bool walk_next(struct walk *walk)
{
	while (walk->token) {
		const uint32_t *at = walk->token;

		switch (word(at)) {
		case FDT_PROP: /* length, offset of its name, value, padded */
			walk->token += 3 + words_of(word(&at[1]));
			walk->name = walk->strings + word(&at[2]);
			walk->value = (const char *)&at[3];
			return true;
		case FDT_BEGIN_NODE: enter_node(walk); break;
		case FDT_END_NODE:
			walk->depth--;
			walk->token++;
			break;
		case FDT_NOP: walk->token++; break;
		default: return false; /* FDT_END */
		}
	}
	return false;
}

const char *tree_bootargs(const void *dtb)
{
	struct walk walk = walk_begin(dtb);

	while (walk_next(&walk))
		if (walk.depth == 2 && equal(walk.node, "chosen") && equal(walk.name, "bootargs"))
			return walk.value;
	return "";
}

bool tree_has(const void *dtb, const char *compatible)
{
	struct walk walk = walk_begin(dtb);

	while (walk_next(&walk))
		if (equal(walk.name, "compatible") && equal(walk.value, compatible))
			return true;
	return false;
}
