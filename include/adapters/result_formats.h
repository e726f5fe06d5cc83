/*
 * result_formats - the formats of test results (ports/results.h) that are understood.
 *
 * "tap": TAP 12 to 14.  Lines that TAP does not know belong to the test before them and are kept
 * when that did not pass.  Tests in tests are "parent/child".  A plan that was not kept is a failed
 * test of its own, "[plan]", and so is "[bail out]".
 *
 * "junit": JUnit XML as it is common: tests are "CLASSNAME.NAME".
 */
#ifndef ADAPTERS_RESULT_FORMATS_H
#define ADAPTERS_RESULT_FORMATS_H

#include "ports/results.h"

extern const struct result_format result_tap, result_junit;

extern const struct result_format *const result_formats[]; /* all of them, NULL-terminated */

#endif
