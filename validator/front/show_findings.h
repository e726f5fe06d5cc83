/* show_findings - findings on a screen: of a scan, and of a run before and after its patch. */
#ifndef FRONT_SHOW_FINDINGS_H
#define FRONT_SHOW_FINDINGS_H

#include "base/json.h"

void show_scan(const json_t *scan);       /* core/scan.h */
void show_run_scan(const json_t *member); /* "scan" of a verdict; NULL or another thing: nothing */

#endif
