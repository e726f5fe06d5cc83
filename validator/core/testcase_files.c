/*
 * The files that a testcase.yaml names, looked into: a check that the kernel of the guest would
 * refuse to start is better found here, with a line, than there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/testcase.h"
#include "core/testcase_decode.h"

#define UNIX_LINES "write it with the line ends of Unix: sed -i 's/\\r$//'"

enum { HEAD_MAX = 256 }; /* more than the kernel reads of a first line */

static int read_head(const char *path, char *ret, size_t *ret_len, struct err **err)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, ret, HEAD_MAX);

    if (n < 0)
        return err_set_errno(err, errno, "cannot read '%s'", path);
    *ret_len = (size_t)n;
    return 0;
}

static int wrong(const char *path, int line, struct err **err, const char *what, const char *hint)
{
    err_set(err, ERR_INVALID, "%s:%d: %s", path, line, what);
    return err_hint(err, "%s", hint);
}

/* "#!/bin/sh" and its like, as the kernel takes it. */
static int check_interpreter(const char *path, const char *head, size_t len, struct err **err)
{
    const char *end = memchr(head, '\n', len);
    size_t line = end ? (size_t)(end - head) : len;
    const char *name = head + 2, *stop = head + line;

    while (name < stop && (*name == ' ' || *name == '\t'))
        name++;
    if (memchr(head, '\r', line))
        return wrong(path, 1, err, "its first line ends with a carriage return", UNIX_LINES);
    if (name == stop || *name != '/')
        return wrong(path, 1, err, "behind '#!' there is no absolute path",
                     "such as #!/bin/sh or #!/usr/bin/env python3");
    return 0;
}

static int check_program(const char *dir, const char *program, struct err **err)
{
    AUTO_FREE char *path = path_join(dir, program);
    char head[HEAD_MAX];
    size_t len = 0;

    if (program[0] == '/')
        return 0; /* of the guest */
    if (read_head(path, head, &len, err) < 0)
        return -1;
    if (len >= 4
        && memcmp(head,
                  "\x7f"
                  "ELF",
                  4)
               == 0)
        return 0;
    if (len >= 2 && memcmp(head, "#!", 2) == 0)
        return check_interpreter(path, head, len, err);
    if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
        return wrong(path, 1, err, "it begins with a byte order mark",
                     "save it as UTF-8 without one, '#!' first");
    return wrong(path, 1, err, "it is a script without '#!'",
                 "begin it with a line such as #!/bin/sh");
}

static int line_of(const char *text, const char *at)
{
    int line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* A terminal shows it: text, and nothing that moves the cursor. */
static int check_step(const char *dir, const struct manual *m, struct err **err)
{
    AUTO_FREE char *path = path_join(dir, m->file);
    size_t len;
    AUTO_FREE char *text = file_read(path, MANUAL_TEXT_MAX, &len, err);

    if (!text)
        return -1;
    if (text[strspn(text, " \t\r\n")] == '\0')
        return err_set(err, ERR_INVALID, "%s:1: it says nothing", path);
    AUTO_FREE char *clean = str_printable(text, len, /* multiline= */ true);
    size_t same = 0;
    while (same < len && text[same] == clean[same])
        same++;
    if (same == len)
        return 0;
    int line = line_of(text, text + same);
    if (text[same] == '\r')
        return wrong(path, line, err, "it ends with a carriage return", UNIX_LINES);
    return wrong(path, line, err, "it is not plain text in UTF-8",
                 "control characters and other encodings are not shown to people");
}

int testcase_check_files(const char *dir, const struct testcase *t, struct err **err)
{
    if (t->ready.argv.len > 0 && check_program(dir, t->ready.argv.ptr[0], err) < 0)
        return -1;
    for (size_t i = 0; i < t->check_count; i++) {
        if (check_program(dir, t->checks[i].run, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < t->manual_count; i++) {
        if (check_step(dir, &t->manual[i], err) < 0)
            return -1;
    }
    return 0;
}
