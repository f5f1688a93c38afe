#include "lib/fdt_blob.h"

#include <libfdt.h>
#include <string.h>

#include "lib/bits.h"

/* dtc, mkimage and every loader of today write version 17; older ones lack size_dt_struct, so nothing bounds their
 * walk. */
#define FDT_BLOB_VERSION 17

/* The structure block as it is walked. libfdt's fdt_next_tag() lets a property's length overflow its offset: not used
 * here. */
struct walk {
	const uint8_t *bytes;
	uint32_t size, pos;
	uint32_t strings_size;
	unsigned int depth;
};

static uint32_t walk_cell(const struct walk *walk, uint32_t pos)
{
	return (uint32_t)fdt_blob_cells(walk->bytes + pos, 1);
}

static const char *walk_begin_node(struct walk *walk)
{
	const uint8_t *name = walk->bytes + walk->pos;
	const uint8_t *nul = memchr(name, 0, walk->size - walk->pos);

	if (!nul)
		return "a node's name does not end";
	/* Only the root has no name; libfdt takes any nameless node for it. */
	if ((nul == name) != (walk->depth == 0))
		return "a node has no name";
	if (++walk->depth > FDT_BLOB_MAX_DEPTH)
		return "its nodes are nested too deeply";
	walk->pos += (uint32_t)align_up((uint64_t)(nul - name) + 1, FDT_TAGSIZE);
	return NULL;
}

static const char *walk_property(struct walk *walk)
{
	uint32_t length, room;

	if (walk->size - walk->pos < 2 * FDT_TAGSIZE)
		return "a property is cut off";
	length = walk_cell(walk, walk->pos);
	if (walk_cell(walk, walk->pos + FDT_TAGSIZE) >= walk->strings_size)
		return "a property's name lies outside";
	walk->pos += 2 * FDT_TAGSIZE;
	room = walk->size - walk->pos;
	if (length > room)
		return "a property is longer than the tree";
	walk->pos += (uint32_t)min_u64(align_up(length, FDT_TAGSIZE), room);
	return NULL;
}

/* Takes every tag from the root's FDT_BEGIN_NODE to FDT_END. */
static const char *walk_structure(struct walk *walk)
{
	bool begun = false;

	for (;;) {
		const char *fault = NULL;
		uint32_t tag;

		if (walk->size < FDT_TAGSIZE || walk->pos > walk->size - FDT_TAGSIZE)
			return "its structure does not end";
		tag = walk_cell(walk, walk->pos);
		walk->pos += FDT_TAGSIZE;
		if (tag == FDT_END)
			return begun && walk->depth == 0 ? NULL : "its structure ends too early";
		if (tag == FDT_NOP)
			continue;
		if (walk->depth == 0 && (begun || tag != FDT_BEGIN_NODE))
			return "its structure does not hold one root";
		begun = true;
		if (tag == FDT_BEGIN_NODE)
			fault = walk_begin_node(walk);
		else if (tag == FDT_PROP)
			fault = walk_property(walk);
		else if (tag == FDT_END_NODE)
			walk->depth--;
		else
			fault = "its structure has an unknown tag";
		if (fault)
			return fault;
	}
}

static const char *header_fault(const void *blob, size_t size_bytes)
{
	if (!is_aligned((uintptr_t)blob, 8))
		return "it is not 8-byte aligned in memory";
	if (size_bytes < sizeof(struct fdt_header))
		return "it is shorter than a device tree's header";
	if (fdt_magic(blob) != FDT_MAGIC)
		return "it does not begin with a device tree's magic number";
	if (fdt_version(blob) < FDT_BLOB_VERSION || fdt_last_comp_version(blob) > FDT_BLOB_VERSION)
		return "its version is not 17";
	if (fdt_totalsize(blob) > size_bytes)
		return "it is truncated";
	if (fdt_check_header(blob) != 0)
		return "its header names places outside of it";
	if (!is_aligned(fdt_off_dt_struct(blob), FDT_TAGSIZE) || !is_aligned(fdt_off_mem_rsvmap(blob), 8))
		return "its blocks are not aligned";
	return NULL;
}

const char *fdt_blob_fault(const void *blob, size_t size_bytes)
{
	const char *fault = header_fault(blob, size_bytes);
	const uint8_t *bytes = blob;
	struct walk walk = { 0 };

	if (fault)
		return fault;
	walk.bytes = bytes + fdt_off_dt_struct(blob);
	walk.size = fdt_size_dt_struct(blob);
	walk.strings_size = fdt_size_dt_strings(blob);
	/* A NUL at its end ends every name in it, wherever one begins. */
	if (walk.strings_size > 0 && bytes[fdt_off_dt_strings(blob) + walk.strings_size - 1] != 0)
		return "its strings do not end";
	if (fdt_num_mem_rsv(blob) < 0)
		return "its memory reservations do not end";
	return walk_structure(&walk);
}

uint64_t fdt_blob_cells(const void *cells, unsigned int nr_cells)
{
	const uint8_t *bytes = cells;
	uint64_t value = 0;

	for (unsigned int i = 0; i < nr_cells * FDT_TAGSIZE; i++)
		value = value << 8 | bytes[i];
	return value;
}

bool fdt_blob_u32(const void *fdt, int node, const char *name, uint32_t *value)
{
	int length;
	const void *data = fdt_getprop(fdt, node, name, &length);

	if (!data || length != 4)
		return false;
	*value = (uint32_t)fdt_blob_cells(data, 1);
	return true;
}

bool fdt_blob_u32_or_u64(const void *fdt, int node, const char *name, uint64_t *value)
{
	int length;
	const void *data = fdt_getprop(fdt, node, name, &length);

	if (!data || (length != 4 && length != 8))
		return false;
	*value = fdt_blob_cells(data, (unsigned int)length / 4);
	return true;
}

const char *fdt_blob_string(const void *fdt, int node, const char *name)
{
	int length;
	const char *text = fdt_getprop(fdt, node, name, &length);

	if (!text || length < 1 || text[length - 1] != '\0')
		return NULL;
	return text;
}

bool fdt_blob_is_enabled(const void *fdt, int node)
{
	const char *status = fdt_blob_string(fdt, node, "status");

	return !status || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}

int fdt_blob_find(const void *fdt, const char *path, size_t length)
{
	int aliases = fdt_path_offset(fdt, "/aliases"), bytes = 0;

	if (length == 0)
		return -FDT_ERR_BADPATH;
	if (path[0] != '/') {
		if (aliases < 0)
			return -FDT_ERR_BADPATH;
		path = fdt_getprop_namelen(fdt, aliases, path, (int)length, &bytes);
		if (!path || bytes < 1 || path[bytes - 1] != '\0')
			return -FDT_ERR_BADPATH;
		length = strcspn(path, ":");
	}
	/* An alias of an alias is none. */
	return path[0] == '/' ? fdt_path_offset_namelen(fdt, path, (int)length) : -FDT_ERR_BADPATH;
}
