/*
 * save_image - the header of libvirt's file of a saved domain (virDomainSave).
 *
 *     magic "LibvirtQemudSave" (16)
 *     u32 version (2), data_len, was_running, compressed, cookie_offset; 14 unused
 *     data_len bytes: the domain XML, NUL; libvirt's cookie, NUL; zeros
 *     QEMU's migration stream, which begins with "QEVM"
 *
 * libvirt restores a file only under the name and UUID it was saved with.  A clone is a restored
 * copy whose header says otherwise.  The format is nobody's promise, hence the strict reading: what
 * is not exactly as expected is ERR_CORRUPT, and the clone boots from its disk instead.
 *
 * Calling sequence: save_image_read() -> save_image_replace() ... -> save_image_header(), then
 * what the file holds from `stream_at` on.
 */
#ifndef ADAPTERS_SAVE_IMAGE_H
#define ADAPTERS_SAVE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct str;

#define SAVE_IMAGE_DATA_MAX (1u << 20)

struct save_image {
    char *xml;
    char *cookie;      /* NULL: none */
    int64_t stream_at; /* where QEMU's stream begins in the file */
};

/* From the beginning of a file: `len` bytes of at least the header and four of the stream. */
int save_image_parse(const void *bytes, size_t len, struct save_image *ret, struct err **err);
int save_image_read(int fd, struct save_image *ret, struct err **err);

/* Every `from` in the XML becomes `to`; it must be there `times` times (0: at least once).  Both
 * are XML already, see save_image_escape(). */
int save_image_replace(struct save_image *s, const char *from, const char *to, int times,
                       struct err **err);

/* Text as libvirt writes it into XML; the caller frees. */
char *save_image_escape(const char *text);

/* The header as bytes, up to where the stream begins. */
void save_image_header(const struct save_image *s, struct str *ret);

void save_image_release(struct save_image *s);
#define AUTO_SAVE_IMAGE __attribute__((cleanup(save_image_release))) struct save_image

#endif
