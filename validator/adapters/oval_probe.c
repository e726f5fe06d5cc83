/* oval_probe - see oval_probe.h. */
#include "adapters/oval_probe.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ports/pkgmgr.h"

#define OVAL "http://oval.mitre.org/XMLSchema/"
#define GENERATOR \
    "<generator><oval:product_name>patchlab</oval:product_name>" \
    "<oval:schema_version>5.11.1</oval:schema_version>" \
    "<oval:timestamp>2026-01-01T00:00:00</oval:timestamp></generator>\n"

const char oval_probe_directives[] =
    "<oval_directives xmlns=\"" OVAL "oval-directives-5\" xmlns:oval=\"" OVAL "oval-common-5\""
    " xmlns:r=\"" OVAL "oval-results-5\">\n" GENERATOR
    "<directives include_source_definitions=\"true\">"
    "<r:definition_true reported=\"true\" content=\"full\"/>"
    "<r:definition_false reported=\"false\" content=\"thin\"/>"
    "<r:definition_unknown reported=\"true\" content=\"full\"/>"
    "<r:definition_error reported=\"true\" content=\"full\"/>"
    "<r:definition_not_evaluated reported=\"true\" content=\"full\"/>"
    "<r:definition_not_applicable reported=\"true\" content=\"thin\"/>"
    "</directives></oval_directives>\n";

static const char definition[] =
    "<oval_definitions xmlns=\"" OVAL "oval-definitions-5\" xmlns:oval=\"" OVAL
    "oval-common-5\">\n" GENERATOR
    "<definitions><definition class=\"vulnerability\" id=\"oval:patchlab:def:1\" version=\"1\">"
    "<metadata><title>probe</title><description>probe</description></metadata>"
    "<criteria><criterion test_ref=\"oval:patchlab:tst:1\"/></criteria></definition>"
    "</definitions>\n"
    "<tests><dpkginfo_test xmlns=\"" OVAL "oval-definitions-5#linux\" id=\"oval:patchlab:tst:1\""
    " version=\"1\" check=\"all\" check_existence=\"at_least_one_exists\" comment=\"probe\">"
    "<object object_ref=\"oval:patchlab:obj:1\"/><state state_ref=\"oval:patchlab:ste:1\"/>"
    "</dpkginfo_test></tests>\n"
    "<objects><dpkginfo_object xmlns=\"" OVAL "oval-definitions-5#linux\""
    " id=\"oval:patchlab:obj:1\" version=\"1\"><name>%s</name></dpkginfo_object></objects>\n"
    "<states><dpkginfo_state xmlns=\"" OVAL "oval-definitions-5#linux\" id=\"oval:patchlab:ste:1\""
    " version=\"1\"><evr datatype=\"debian_evr_string\" operation=\"equals\">%s%s</evr>"
    "</dpkginfo_state></states>\n</oval_definitions>\n";

char *oval_probe_definition(const struct package *p)
{
    AUTO_FREE char *name = xstrndup(p->name, strcspn(p->name, ":"));
    AUTO_FREE char *version = xstrndup(p->version, strcspn(p->version, " "));

    return xasprintf(definition, name, strchr(version, ':') ? "" : "0:", version);
}

/* "12.4+deb12u11" -> "12.11", "12.4" -> "12.0": base-files of a point release say which. */
char *oval_probe_debian_version(const struct package_list *l, const char *release)
{
    for (size_t i = 0; str_starts(release, "Debian:") && i < l->len; i++) {
        const struct package *p = &l->ptr[i];
        if (!str_eq(p->name, "base-files") && !str_starts(p->name, "base-files:"))
            continue;
        const char *u = strstr(p->version, "+deb");
        size_t major = u ? strspn(u + strlen("+deb"), "0123456789") : 0;
        bool point = u && u[strlen("+deb") + major] == 'u';
        const char *n = point ? u + strlen("+deb") + major + 1 : "0";
        size_t digits = strspn(n, "0123456789");
        return xasprintf("%s.%.*s\n", release + strlen("Debian:"), digits ? (int)digits : 1,
                         digits ? n : "0");
    }
    return NULL;
}

char *oval_probe_os_release(const char *release)
{
    size_t len = strcspn(release, ":");
    AUTO_FREE char *id = xstrndup(release, len);
    const char *version = release[len] ? release + len + 1 : "";

    for (char *c = id; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return xasprintf("ID=%s\nVERSION_ID=\"%.*s\"\n", id, (int)strcspn(version, ":"), version);
}
