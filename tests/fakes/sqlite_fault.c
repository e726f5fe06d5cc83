#include "fakes/sqlite_fault.h"

#include <sqlite3.h>
#include <stdlib.h>

static sqlite3_mem_methods real;
static long left; /* 0: off */
static bool hit;

static bool refuse(void)
{
    if (left == 0)
        return false;
    if (left > 1) {
        left--;
        return false;
    }
    hit = true;
    return true;
}

static void *faulty_malloc(int size)
{
    return refuse() ? NULL : real.xMalloc(size);
}

static void *faulty_realloc(void *p, int size)
{
    return refuse() ? NULL : real.xRealloc(p, size);
}

void sqlite_fault_install(void)
{
    sqlite3_mem_methods mine;

    /* Lookaside memory would hide most allocations from us. */
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real)
        || sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0))
        abort();
    mine = real;
    mine.xMalloc = faulty_malloc;
    mine.xRealloc = faulty_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &mine))
        abort();
}

void sqlite_fault_arm(long nth)
{
    left = nth;
    hit = false;
}

bool sqlite_fault_disarm(void)
{
    left = 0;
    return hit;
}
