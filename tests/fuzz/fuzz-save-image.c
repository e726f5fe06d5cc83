/*
 * fuzz-save-image - takes any bytes for the beginning of a saved domain.  Whatever the bytes: a
 * refusal, or a description that can be changed, written and read back as it was.
 */
#include <stdint.h>
#include <string.h>

#include "adapters/save_image.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_ERR e = NULL;
    AUTO_ERR other = NULL;
    AUTO_SAVE_IMAGE s = { 0 };
    AUTO_SAVE_IMAGE back = { 0 };
    AUTO_STR bytes = STR_INIT(3 * SAVE_IMAGE_DATA_MAX);
    int rc = save_image_parse(data, size, &s, &e);

    must((rc == 0) == !e && (rc == 0) == !!s.xml);
    if (rc < 0)
        return 0;
    must(s.stream_at > 0 && (size_t)s.stream_at < size);
    rc = save_image_replace(&s, "<name>", "<name>other-", 0, &other);
    must((rc == 0) == !other);
    save_image_header(&s, &bytes);
    size_t len = bytes.len;
    str_add(&bytes, "QEVM");
    must(save_image_parse(bytes.ptr, bytes.len, &back, &e) == 0);
    must((size_t)back.stream_at == len);
    must(str_eq(back.xml, s.xml) && str_eq(back.cookie, s.cookie));
    return 0;
}
