/* host - what this machine has to give. */
#ifndef BASE_HOST_H
#define BASE_HOST_H

#include <stdint.h>

int64_t host_memory_available(void); /* bytes (MemAvailable), -1 = unknown */
char *host_user(void);               /* "ann@host" of this process; the caller frees */

#endif
