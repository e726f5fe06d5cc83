/* put_file - see put_file.h. */
#include "fakes/put_file.h"

#include "unit/base.h"

void put_file(const char *dir, const char *name, const char *text, mode_t mode)
{
    AUTO_FREE char *path = path_join(dir, name);
    AUTO_FREE char *above = path_dir(path);
    AUTO_ERR e = NULL;

    expect_ok(dir_make(above, 0755, &e), &e);
    expect_ok(file_write(path, text, strlen(text), mode, &e), &e);
}
