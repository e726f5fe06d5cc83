/* What a worker does while it waits: the next run will likely be of the same image. */
#include "base/err.h"
#include "core/image.h"
#include "core/run.h"
#include "core/site.h"
#include "store/store.h"

int run_standby(const struct site *site, struct lab *lab, int64_t id, int count, struct err **err)
{
    AUTO_IMAGE i = { 0 };
    int64_t image = 0;

    if (store_int(site->store, "SELECT image FROM run WHERE id = ?", ARGS(A_INT(id)), 0, &image,
                  err)
        < 0)
        return -1;
    if (image == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no run %lld", (long long)id);
    if (image_by_id(site, image, &i, err) < 0)
        return -1;
    struct clone_spec spec = {
        .label = "standby",
        .disk = i.disk,
        .firmware = i.firmware,
        .memory = i.memory,
        .vcpus = i.vcpus,
        .warm = i.warm,
        .stop = site->stop,
    };
    bool cold = i.removed || !i.warm;
    return lab->ops->standby(lab, cold ? NULL : &spec, cold ? 0 : count, err);
}
