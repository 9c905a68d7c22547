/* SPDX-License-Identifier: MIT */
/* Libraries that are loaded when the first source needs them. */
#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"

bool
rf_library_load(const char *file, const struct rf_symbol *symbols, size_t count)
{
    errno = 0;
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        bool refused = errno == ENOMEM;
        const char *says = dlerror();
        if (refused || says == NULL || strstr(says, "annot allocate") != NULL ||
            strstr(says, "out of memory") != NULL) {
            rf_out_of_memory(); /* it may well be installed */
        }
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        void *address = dlsym(library, symbols[i].name);
        if (address == NULL) {
            return false;
        }
        /* ISO C has no cast from an object's address to a function's; POSIX has their bits alike.
         */
        memcpy(symbols[i].target, &address, sizeof(address));
    }
    return true;
}
