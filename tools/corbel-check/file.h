/* Files as a whole. */
#ifndef TOOLS_CORBEL_CHECK_FILE_H
#define TOOLS_CORBEL_CHECK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_MAX_BYTES (UINT64_C(4) << 30)

struct file {
	const char *path;
	uint8_t *data; /* from malloc(), so 8-byte aligned; NULL: not read */
	size_t size_bytes;
};

/* Reads all of a regular file of at most FILE_MAX_BYTES; false after saying on stderr what is wrong. */
bool file_read(const char *path, struct file *file);
void file_free(struct file *file);

/* Writes folder/name.suffix anew; the same. A name that is no file name is refused. */
bool file_write(const char *folder, const char *name, const char *suffix, const void *data, size_t size_bytes);

#endif
