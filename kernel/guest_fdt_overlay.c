/* Overlays: what they are known by, and what libfdt would trust in them. */
#include "kernel/guest_fdt_image.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/fdt_blob.h"

bool guest_fdt_is_overlay(const void *fdt)
{
	int fragment;

	fdt_for_each_subnode(fragment, fdt, 0) if (fdt_subnode_offset(fdt, fragment, "__overlay__") >= 0) return true;
	return false;
}

/* Is there room for a phandle at `offset` of the property? libfdt's own check overflows. */
static bool phandle_fits(const void *overlay, int node, const char *property, int name_length, uint64_t offset)
{
	int length;

	if (node < 0 || !fdt_getprop_namelen(overlay, node, property, name_length, &length))
		return false;
	return length >= 4 && offset <= (uint64_t)length - 4;
}

/* One entry of __fixups__: "path:property:offset". Absolute paths only: libfdt never returns from a self-made alias. */
static bool fixup_is_sane(const void *overlay, const char *entry)
{
	const char *property = strchr(entry, ':'), *offset;
	char *end;
	unsigned long value;

	if (entry[0] != '/' || !property)
		return false;
	property++;
	offset = strchr(property, ':');
	if (!offset || offset == property || offset[1] < '0' || offset[1] > '9')
		return false;
	value = strtoul(offset + 1, &end, 10);
	return *end == '\0' &&
	       phandle_fits(overlay, fdt_path_offset_namelen(overlay, entry, (int)(property - 1 - entry)), property,
			    (int)(offset - property), value);
}

static bool fixups_are_sane(const void *overlay)
{
	int fixups = fdt_subnode_offset(overlay, 0, "__fixups__"), at;

	if (fixups < 0)
		return true;
	fdt_for_each_property_offset(at, overlay, fixups)
	{
		int length;
		const char *list = fdt_getprop_by_offset(overlay, at, NULL, &length);

		if (!list || length < 1 || list[length - 1] != '\0')
			return false;
		for (const char *entry = list; entry < list + length; entry += strlen(entry) + 1)
			if (!fixup_is_sane(overlay, entry))
				return false;
	}
	return true;
}

/* The cells of each property of `fixups` are offsets of phandles in the property of the same name of `node`. */
static bool local_fixups_fit(const void *overlay, int fixups, int node)
{
	int at;

	fdt_for_each_property_offset(at, overlay, fixups)
	{
		int length;
		const char *name;
		const uint8_t *cells = fdt_getprop_by_offset(overlay, at, &name, &length);

		if (!cells || length % 4 != 0)
			return false;
		for (int i = 0; i < length; i += 4)
			if (!phandle_fits(overlay, node, name, (int)strlen(name), fdt_blob_cells(cells + i, 1)))
				return false;
	}
	return true;
}

/* __local_fixups__ mirrors the overlay's own nodes: walk both, with the way down in `nodes`. */
static bool local_fixups_are_sane(const void *overlay)
{
	int nodes[FDT_BLOB_MAX_DEPTH + 1];
	int at = fdt_subnode_offset(overlay, 0, "__local_fixups__"), depth = 0;

	if (at < 0)
		return true;
	nodes[0] = 0; /* the mirror of the node itself is the root */
	for (;;) {
		if (!local_fixups_fit(overlay, at, nodes[depth]))
			return false;
		at = fdt_next_node(overlay, at, &depth);
		if (at < 0 || depth <= 0)
			return true;
		nodes[depth] = fdt_subnode_offset(overlay, nodes[depth - 1], fdt_get_name(overlay, at, NULL));
		if (nodes[depth] < 0)
			return false;
	}
}

static bool targets_are_sane(const void *overlay)
{
	int fragment;

	fdt_for_each_subnode(fragment, overlay, 0)
	{
		const char *path = fdt_blob_string(overlay, fragment, "target-path");

		if (fdt_getprop(overlay, fragment, "target-path", NULL) && (!path || path[0] != '/'))
			return false;
	}
	return true;
}

const char *guest_fdt_overlay_fault(const void *overlay)
{
	if (!fixups_are_sane(overlay))
		return "its __fixups__ name a place that is not there";
	if (!local_fixups_are_sane(overlay))
		return "its __local_fixups__ name a place that is not there";
	if (!targets_are_sane(overlay))
		return "a target-path is not absolute";
	return NULL;
}
