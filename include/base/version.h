/* version - what `patchlab --version` says and every run records. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define PATCHLAB_VERSION "0.1.0"

#endif
