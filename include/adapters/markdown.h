/* markdown - CommonMark as plain text for a terminal (cmark). */
#ifndef ADAPTERS_MARKDOWN_H
#define ADAPTERS_MARKDOWN_H

#include <stddef.h>

/* Paragraphs are wrapped at `columns`; links show where they lead.  Any bytes: what comes out is
 * printable, and what is no UTF-8 is U+FFFD.  The caller frees. */
char *markdown_plain(const char *text, size_t len, int columns);

#endif
