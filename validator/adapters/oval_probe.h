/* oval_probe - what is written for oscap: an own definition, directives, and which system it is. */
#ifndef VALIDATOR_ADAPTERS_OVAL_PROBE_H
#define VALIDATOR_ADAPTERS_OVAL_PROBE_H

struct package;
struct package_list;

/* Results with what is true and what could not be evaluated; what is false is left out. */
extern const char oval_probe_directives[];

/* One definition that is true where this package has this version; the caller frees.  Name and
 * version are what dpkg_status_write() has let through. */
char *oval_probe_definition(const struct package *p);

/* The content of /etc/debian_version by the version of base-files: "12.11"; NULL when there is
 * none.  The caller frees. */
char *oval_probe_debian_version(const struct package_list *l, const char *release);

/* Of /etc/os-release for "Debian:12", "Ubuntu:24.04:LTS"; the caller frees. */
char *oval_probe_os_release(const char *release);

#endif
