/* fuzz-tap - any bytes as TAP; what must hold is in reports.h. */
#include "adapters/result_formats.h"
#include "reports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_report(&result_tap, data, size);
    return 0;
}
