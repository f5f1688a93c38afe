/* Corbel asks newlib for nothing that depends on its version; newlib's headers only want the file. */
#ifndef CORBEL_NEWLIB_VERSION_H
#define CORBEL_NEWLIB_VERSION_H
#define _NEWLIB_VERSION "source"
#endif
