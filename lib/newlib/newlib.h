/* What newlib's configure would have written, cut to what Corbel's C library is: the nano printf,
 * one locale, no floating point, no files, no threads known to libc.  It stands in front of newlib's
 * own headers in the include path. */
#ifndef CORBEL_NEWLIB_H
#define CORBEL_NEWLIB_H

/* newlib.h is where newlib's features.h expects the version. */
#include <_newlib_version.h>

#define _NANO_FORMATTED_IO    1
#define _REENT_SMALL	      1
#define _REENT_GLOBAL_ATEXIT  1
#define _ATEXIT_DYNAMIC_ALLOC 1
#define _LITE_EXIT	      1
#define _UNBUF_STREAM_OPT     1
#define _WANT_IO_C99_FORMATS  1
#define _HAVE_LONG_DOUBLE     1
#define _LDBL_EQ_DBL	      0
#define HAVE_INITFINI_ARRAY   1

#endif
