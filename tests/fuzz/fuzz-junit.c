/* fuzz-junit - any bytes as JUnit XML; what must hold is in reports.h. */
#include "adapters/result_formats.h"
#include "reports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_report(&result_junit, data, size);
    return 0;
}
