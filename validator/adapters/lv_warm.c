/* The record of a warm image; see lv_warm.h. */
#include "adapters/lv_warm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/lv_clone.h"
#include "adapters/save_image.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"

enum { RECORD_MAX = 64 << 10, CPUINFO_MAX = 4 << 20, NAME_MAX_BYTES = 256 };

void lv_warm_paths(const char *dir, struct lv_warm *ret)
{
    ret->memory = path_join(dir, "memory");
    ret->disk = path_join(dir, "disk.qcow2");
    ret->nvram = path_join(dir, "nvram.fd");
    ret->record = path_join(dir, "warm.json");
}

void lv_warm_release(struct lv_warm *w)
{
    free(w->memory);
    free(w->disk);
    free(w->nvram);
    free(w->record);
    *w = (struct lv_warm){ 0 };
}

void lv_saved_release(struct lv_saved *s)
{
    free(s->name);
    free(s->uuid);
    free(s->dir);
    qga_rest_release(&s->rest);
    *s = (struct lv_saved){ 0 };
}

static char *host_name(void)
{
    char name[NAME_MAX_BYTES + 1] = "";

    gethostname(name, NAME_MAX_BYTES);
    return xstrdup(name);
}

/* "model name	: AMD EPYC 7B13" */
static char *cpu_name(void)
{
    AUTO_ERR ignored = NULL;
    AUTO_FREE char *info = file_read("/proc/cpuinfo", CPUINFO_MAX, NULL, &ignored);
    const char *line = info ? strstr(info, "model name") : NULL;
    const char *text = line ? strstr(line, ": ") : NULL;

    return text ? xstrndup(text + 2, strcspn(text + 2, "\n")) : xstrdup("unknown");
}

static int64_t size_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (int64_t)st.st_blocks * 512 : 0;
}

/* --- writing -------------------------------------------------------------------------------- */

/* As libvirt filled it in: what was "q35" is "pc-q35-7.2" there. */
static char *machine_of(const char *memory, struct err **err)
{
    static const char before[] = " machine='";
    AUTO_FD fd = open(memory, O_RDONLY | O_CLOEXEC);
    AUTO_SAVE_IMAGE image = { 0 };

    if (fd < 0) {
        err_set_errno(err, errno, "cannot open '%s'", memory);
        return NULL;
    }
    if (save_image_read(fd, &image, err) < 0)
        return NULL;
    const char *at = strstr(image.xml, before);
    if (!at) {
        err_set(err, ERR_CORRUPT, "the saved memory does not name a machine type");
        return NULL;
    }
    at += sizeof(before) - 1;
    return xstrndup(at, strcspn(at, "'"));
}

int lv_warm_write(const struct lv_clone *c, const struct lv_warm *w, const struct qga_rest *rest,
                  struct err **err)
{
    const struct lab_facts *lab = &c->lab->base.facts;
    AUTO_FREE char *host = host_name();
    AUTO_FREE char *cpu = cpu_name();
    AUTO_FREE char *machine = machine_of(w->memory, err);

    if (!machine)
        return -1;
    AUTO_JSON *j = json_pack(
        "{s:o, s:o, s:s, s:s, s:o, s:s, s:I, s:i, s:o, s:I, s:I, s:I, "
        "s:{s:s, s:s, s:o, s:i}, s:{s:s, s:I}}",
        "host", json_text(host), "cpu", json_text(cpu), "versions", lab->versions, "accel",
        lab->accel, "machine", json_text(machine), "firmware", firmware_names[c->spec.firmware],
        "memory", (json_int_t)c->spec.memory, "vcpus", c->spec.vcpus, "disk",
        json_text(c->spec.disk), "memory_size", (json_int_t)size_of(w->memory), "disk_size",
        (json_int_t)size_of(w->disk), "made_ms", (json_int_t)clock_wall_ms(), "domain", "name",
        c->name, "uuid", c->uuid, "dir", json_text(c->dir), "sink_port", c->sink_port, "guest",
        "nonce", rest->nonce, "waker", (json_int_t)rest->waker);
    AUTO_FREE char *text = json_pretty(j);
    return file_write(w->record, text, strlen(text), 0444, err);
}

/* --- reading -------------------------------------------------------------------------------- */

/* A member that must be there; missing ones are counted. */
static char *text_at(const json_t *j, const char *key, int *missing)
{
    const char *s = json_str_at(j, key);

    *missing += !s || !*s;
    return xstrdup(s);
}

static int64_t number_at(const json_t *j, const char *key, int *missing)
{
    int64_t n = json_int_at(j, key);

    *missing += n <= 0;
    return n;
}

static int firmware_of(const json_t *j, enum firmware *ret)
{
    const char *name = json_str_at(j, "firmware");

    for (int i = 0; name && firmware_names[i]; i++) {
        if (str_eq(name, firmware_names[i])) {
            *ret = (enum firmware)i;
            return 0;
        }
    }
    return -1;
}

static int fill(const json_t *j, struct warm_facts *f, struct lv_saved *s)
{
    const json_t *domain = json_object_get(j, "domain"), *guest = json_object_get(j, "guest");
    int missing = firmware_of(j, &f->firmware) < 0;

    f->host = text_at(j, "host", &missing);
    f->cpu = text_at(j, "cpu", &missing);
    f->versions = text_at(j, "versions", &missing);
    f->accel = text_at(j, "accel", &missing);
    f->machine = text_at(j, "machine", &missing);
    f->memory = number_at(j, "memory", &missing);
    f->vcpus = (int)number_at(j, "vcpus", &missing);
    f->disk = text_at(j, "disk", &missing);
    f->memory_size = number_at(j, "memory_size", &missing);
    f->disk_size = number_at(j, "disk_size", &missing);
    f->made_ms = number_at(j, "made_ms", &missing);
    s->name = text_at(domain, "name", &missing);
    s->uuid = text_at(domain, "uuid", &missing);
    s->dir = text_at(domain, "dir", &missing);
    s->sink_port = (int)number_at(domain, "sink_port", &missing);
    s->rest.nonce = text_at(guest, "nonce", &missing);
    s->rest.waker = json_int_at(guest, "waker");
    return missing ? -1 : 0;
}

/* One line, NULL when nothing stands in the way. */
static char *why_unusable(const struct lv_lab *l, const struct clone_spec *spec,
                          const struct warm_facts *f, const struct lv_warm *w)
{
    const struct lab_facts *now = &l->base.facts;

    if (!str_eq(f->versions, now->versions))
        return xasprintf("it was made with %s, this is %s", f->versions, now->versions);
    if (!str_eq(f->accel, now->accel))
        return xasprintf("it was made under %s, this lab uses %s", f->accel, now->accel);
    AUTO_FREE char *cpu = cpu_name();
    if (l->kvm && !str_eq(f->cpu, cpu))
        return xasprintf("it was made on another CPU, '%s'", f->cpu);
    if (!str_eq(f->disk, spec->disk))
        return xasprintf("it lies on another disk, '%s'", f->disk);
    if (f->memory != spec->memory || f->vcpus != spec->vcpus || f->firmware != spec->firmware)
        return xstrdup("it was made with other memory, processors or firmware");
    if (access(w->memory, R_OK) != 0 || access(w->disk, R_OK) != 0)
        return xasprintf("its files cannot be read: %s", strerror(errno));
    return NULL;
}

int lv_warm_read(struct lv_lab *l, const struct clone_spec *spec, struct warm_facts *ret,
                 struct lv_saved *ret_saved, struct err **err)
{
    AUTO_WARM_FACTS f = { 0 };
    AUTO_LV_SAVED s = { 0 };
    AUTO_LV_WARM w = { 0 };
    size_t len = 0;

    lv_warm_paths(spec->warm, &w);
    AUTO_FREE char *text = file_read(w.record, RECORD_MAX, &len, err);
    if (!text)
        return -1;
    AUTO_JSON *j = json_parse(text, len, RECORD_MAX, w.record, err);
    if (!j || fill(j, &f, &s) < 0) {
        err_clear(err);
        return err_set(err, ERR_CORRUPT, "the record '%s' is damaged", w.record);
    }
    f.unusable = why_unusable(l, spec, &f, &w);
    *ret = f;
    f = (struct warm_facts){ 0 };
    if (ret_saved) {
        *ret_saved = s;
        s = (struct lv_saved){ 0 };
    }
    return 0;
}

int lv_warm_facts(struct lab *lab, const struct clone_spec *spec, struct warm_facts *ret,
                  struct err **err)
{
    return lv_warm_read((struct lv_lab *)lab, spec, ret, NULL, err);
}
