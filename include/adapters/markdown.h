/* markdown - CommonMark as plain text for a terminal (cmark). */
#ifndef ADAPTERS_MARKDOWN_H
#define ADAPTERS_MARKDOWN_H

#include <stddef.h>

/* Paragraphs are wrapped at `columns`; links show where they lead.  The text is UTF-8 and shows up
 * as it is, so make it printable before.  The caller frees. */
char *markdown_plain(const char *text, size_t len, int columns);

#endif
