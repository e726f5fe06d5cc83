/*
 * sqlite_fault - makes the n-th allocation inside SQLite fail, and all after it.
 *
 * sqlite_fault_install() comes before anything uses SQLite (first in main()).  Then
 *
 *     for (int n = 1; ; n++) {
 *         sqlite_fault_arm(n);
 *         rc = what_is_tested();
 *         if (!sqlite_fault_disarm())
 *             break;                     fewer than n allocations: all of them were tried
 *         rc is an error that can be told, and nothing has changed, or all is done
 *     }
 */
#ifndef FAKES_SQLITE_FAULT_H
#define FAKES_SQLITE_FAULT_H

#include <stdbool.h>

void sqlite_fault_install(void);
void sqlite_fault_arm(long nth);
bool sqlite_fault_disarm(void); /* true when an allocation was refused */

#endif
