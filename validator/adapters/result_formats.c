/* result_formats - the list of them; see adapters/result_formats.h. */
#include "adapters/result_formats.h"

const struct result_format *const result_formats[] = { &result_tap, &result_junit, NULL };
