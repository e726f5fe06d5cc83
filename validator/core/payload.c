/* The payload disc; see payload.h. */
#include "core/payload.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/bundle.h"
#include "core/site.h"
#include "ports/archive.h"
#include "store/blob.h"

void payload_add(struct payload *p, const struct site *site, const char *below,
                 const struct bundle *b)
{
    p->ptr = xreallocarray(p->ptr, p->len + b->len, sizeof(*p->ptr));
    for (size_t i = 0; i < b->len; i++)
        p->ptr[p->len++] = (struct disc_entry){
            .path = path_join(below, b->ptr[i].path),
            .file = blob_path(site->blobs, b->ptr[i].sha256),
            .mode = b->ptr[i].mode,
        };
}

void payload_add_dir(struct payload *p, const char *dir, const char *below, const struct bundle *b)
{
    p->ptr = xreallocarray(p->ptr, p->len + b->len, sizeof(*p->ptr));
    for (size_t i = 0; i < b->len; i++)
        p->ptr[p->len++] = (struct disc_entry){
            .path = path_join(below, b->ptr[i].path),
            .file = path_join(dir, b->ptr[i].path),
            .mode = b->ptr[i].mode,
        };
}

int payload_write(const struct payload *p, const struct site *site, const char *to,
                  struct err **err)
{
    if (site->archive->write_disc(to, "PATCHLAB", p->ptr, p->len, site->stop, err) < 0)
        return err_wrap(err, "write the payload disc");
    return 0;
}

void payload_release(struct payload *p)
{
    for (size_t i = 0; i < p->len; i++) {
        free((char *)p->ptr[i].path);
        free((char *)p->ptr[i].file);
    }
    free(p->ptr);
    *p = (struct payload){ 0 };
}
