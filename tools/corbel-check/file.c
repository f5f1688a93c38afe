#include "tools/corbel-check/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/corbel-check/report.h"

/* What keeps it from being read, or NULL. A size of 0 is read, and is then no bundle. */
static const char *find_fault(FILE *stream, size_t *size_bytes)
{
	struct stat stat;

	if (fstat(fileno(stream), &stat) != 0)
		return strerror(errno);
	if (S_ISDIR(stat.st_mode))
		return "is a directory";
	if (!S_ISREG(stat.st_mode))
		return "is no regular file";
	if ((uint64_t)stat.st_size > FILE_MAX_BYTES)
		return "is larger than 4 GiB";
	*size_bytes = (size_t)stat.st_size;
	return NULL;
}

static const char *read_all(FILE *stream, struct file *file)
{
	const char *fault = find_fault(stream, &file->size_bytes);

	if (fault != NULL)
		return fault;
	file->data = malloc(file->size_bytes != 0 ? file->size_bytes : 1);
	if (file->data == NULL)
		return "is too large for this machine's memory";
	if (fread(file->data, 1, file->size_bytes, stream) != file->size_bytes)
		return ferror(stream) ? strerror(errno) : "became shorter while it was read";
	return NULL;
}

bool file_read(const char *path, struct file *file)
{
	FILE *stream = fopen(path, "rb");
	const char *fault;

	*file = (struct file){ .path = path };
	if (stream == NULL)
		return report_trouble(path, strerror(errno));
	fault = read_all(stream, file);
	fclose(stream);
	if (fault == NULL)
		return true;
	file_free(file);
	return report_trouble(path, fault);
}

void file_free(struct file *file)
{
	free(file->data);
	file->data = NULL;
}

/* A node's name, from a bundle that anybody made: it stays in its folder, and steers no terminal that lists it. */
static bool is_file_name(const char *name)
{
	for (const char *at = name; *at != '\0'; at++)
		if (*at == '/' || (unsigned char)*at < ' ' || *at == 0x7f)
			return false;
	return name[0] != '.';
}

bool file_write(const char *folder, const char *name, const char *suffix, const void *data, size_t size_bytes)
{
	char path[PATH_MAX];
	bool written;
	FILE *stream;

	if (!is_file_name(name))
		return report_trouble(name, "is no name for a file");
	if ((size_t)snprintf(path, sizeof(path), "%s/%s%s", folder, name, suffix) >= sizeof(path))
		return report_trouble(folder, strerror(ENAMETOOLONG));
	stream = fopen(path, "wb");
	if (stream == NULL)
		return report_trouble(path, strerror(errno));
	written = fwrite(data, 1, size_bytes, stream) == size_bytes;
	written &= fclose(stream) == 0;
	return written || report_trouble(path, strerror(errno));
}
