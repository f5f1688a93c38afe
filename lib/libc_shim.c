/* The symbols that newlib's snprintf is linked against and never needs: it asks for memory only when
 * it prints into a stream that grows (asprintf), and Corbel has none.  NULL says "out of memory". */
#include <stddef.h>

struct _reent;

void *_malloc_r(struct _reent *reent, size_t size);
void *_realloc_r(struct _reent *reent, void *old, size_t size);
void _free_r(struct _reent *reent, void *old);

void *_malloc_r(struct _reent *reent, size_t size)
{
	(void)reent;
	(void)size;
	return NULL;
}

void *_realloc_r(struct _reent *reent, void *old, size_t size)
{
	(void)reent;
	(void)old;
	(void)size;
	return NULL;
}

void _free_r(struct _reent *reent, void *old)
{
	(void)reent;
	(void)old;
}
