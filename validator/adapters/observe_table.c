/*
 * The table of the observers and the script that is made of it; see observe_table.h.
 *
 * Only what any guest has is needed: a POSIX shell, find, grep, sed, awk.  What is not installed is
 * not asked.  Where a question can be answered from /proc, no program is: it need not be there, and
 * it starts slowly in an emulated guest.
 */
#include "adapters/observe_table.h"

#include "base/mem.h"
#include "base/str.h"

enum { SCRIPT_MAX = 64 << 10 };

/* Nothing of the guest's disk but where things change all the time: one's own list, so that what
 * is left out is known. */
#define LEFT_OUT \
    "\\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp" \
    " -o -path /var/cache -o -path /var/log -o -path /lost+found \\) -prune"

/* -xdev leaves out other file systems, so each one that is on a disk is begun at its root. */
#define DISK_ROOTS \
    "roots=$(awk '$3 ~ /^(ext[234]|xfs|btrfs|vfat|f2fs|jfs|zfs)$/ && !seen[$1]++ { print $2 }'" \
    " /proc/self/mounts)\n"

/* Order matters to those that others need: they come first. */
const struct observer observers[] = {
    { "since", NULL, "echo \"$since\"", observe_since },
    { "merged", NULL,
      "for d in bin sbin lib lib32 lib64 libx32; do [ ! -L \"/$d\" ] || echo \"$d\"; done",
      observe_keep },
    { "owner", "files of packages",
      "if has dpkg-query; then cd /var/lib/dpkg/info && grep '' *.list\n"
      "elif has rpm; then rpm -qa --qf '[%{=NAME}.%{=ARCH}.list:%{FILENAMES}\n]'\n"
      "fi",
      observe_owners },
    { "package", "packages",
      "if has dpkg-query; then dpkg-query -W -f '${binary:Package}\t${Version}"
      " ${db:Status-Abbrev}\n'\n"
      "elif has rpm; then rpm -qa --qf '%{NAME}.%{ARCH}\t%{EVR}\n' | sort\n"
      "fi",
      observe_columns, "package" },
    { "unit", "systemd's units and timers",
      "has systemctl && systemctl list-units --all --plain --no-legend --no-pager --full"
      " --type=service,socket,timer,path,mount,automount,swap",
      observe_units, "unit" },
    { "holder", NULL, "find /proc/[0-9]*/fd -lname 'socket:*' -printf '%p %l\n'", observe_keep },
    { "name", NULL, "grep -sH '' /proc/[0-9]*/comm", observe_keep },
    { "socket", "listening sockets",
      "grep -sH '' /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 /proc/net/unix",
      observe_sockets, "socket" },
    { "user", "users", "if has getent; then getent passwd; else cat /etc/passwd; fi",
      observe_accounts, "user" },
    { "group", "groups", "if has getent; then getent group; else cat /etc/group; fi",
      observe_accounts, "group" },
    { "sysctl", "kernel settings",
      "find /proc/sys -path '*/neigh' -prune -o -type f -perm -u=r -exec grep -sH '' {} +",
      observe_sysctl, "sysctl" },
    { "module", "kernel modules", "cat /proc/modules", observe_modules, "module" },
    /* What a server makes of its files.  Words that say which version it is are left out. */
    { "config", "effective configuration",
      "config sshd sshd -T\n"
      "config nginx nginx -T\n"
      "config apache2 apachectl -S\n"
      "config httpd httpd -S\n"
      "config postfix postconf -n\n"
      "config named named-checkconf -p\n"
      "config php php -r 'foreach (ini_get_all(null, false) as $k => $v) echo \"$k = $v\\n\";'\n"
      "if has psql && has runuser; then\n"
      "    config postgresql runuser -u postgres -- psql -XAtc \"SELECT name || ' = ' || setting"
      " FROM pg_settings WHERE name NOT LIKE 'server_version%'\"\n"
      "fi",
      observe_config, "config" },
    { "journal", "errors in the journal",
      "has journalctl && journalctl -q -p 3 --since \"@$since\" -o short --no-hostname --no-pager"
      " | head -n 5000",
      observe_journal, "journal" },
    { "digest", NULL, "[ ! -s touched ] || xargs -0 sha256sum -z -- <touched", observe_keep },
    { "file", "files, cron jobs and setuid bits", NULL, observe_files, "file" },
};
const size_t observer_count = ARRAY_LEN(observers);

/* The walk comes first: what else the script does shall not be seen by it.  A file is printed as
 * two texts that end with NUL, because its name may hold anything else. */
static const char begin[] =
    "export LC_ALL=C\n"
    "cd \"$OBSERVED\" && mkdir s || exit 1\n"
    "since=$(($(date +%s) - $1))\n"
    "has() { command -v \"$1\" >/dev/null; }\n"
    "config() {\n"
    "    tool=$1 && shift\n"
    "    has \"$1\" && \"$@\" | sed \"s/^/$tool\t/\"\n"
    "}\n" DISK_ROOTS "find ${roots:-/} -xdev " LEFT_OUT
    " -o -printf '%y %m %U:%G %s %T@ %C@ %p\\0%l\\0'"
    " -type f -newerct \"@$since\" -size -65537k -fprint0 touched >s/file 2>/dev/null\n";

static const char end[] = "all() { cd s && wc -c -- * && cat -- * && echo end; }\n"
                          "if has gzip; then all | gzip -1; else all; fi\n";

char *observe_script(void)
{
    AUTO_STR s = STR_INIT(SCRIPT_MAX);

    str_add(&s, begin);
    for (size_t i = 0; i < observer_count; i++) {
        if (observers[i].script)
            str_addf(&s, "(%s) >s/%s 2>/dev/null </dev/null\n", observers[i].script,
                     observers[i].name);
    }
    str_add(&s, end);
    return str_take(&s);
}
