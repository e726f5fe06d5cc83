/*
 * The domain XML of a clone.
 *
 * The device set is fixed (a warm image depends on it): virtio disk, virtio-scsi CD drive, serial
 * console with a log file and a socket, guest agent, panic notifier, a screen for the last picture,
 * a generation id so that the kernel reseeds its random numbers, and a network card whose link is
 * up and whose every packet goes to a local UDP socket that nobody reads.
 */
#include "adapters/lv_xml.h"

#include "base/mem.h"
#include "base/str.h"

enum { XML_MAX = 64 << 10 };

static const char uefi_code[] = "/usr/share/OVMF/OVMF_CODE_4M.fd";
static const char uefi_vars[] = "/usr/share/OVMF/OVMF_VARS_4M.fd";

static void add_escaped(struct str *s, const char *text)
{
    for (const char *p = text; *p; p++) {
        switch (*p) {
        case '<':
            str_add(s, "&lt;");
            break;
        case '>':
            str_add(s, "&gt;");
            break;
        case '&':
            str_add(s, "&amp;");
            break;
        case '\'':
            str_add(s, "&apos;");
            break;
        case '"':
            str_add(s, "&quot;");
            break;
        default:
            str_add_mem(s, p, 1);
            break;
        }
    }
}

/* " name='escaped value'" */
static void add_attr(struct str *s, const char *name, const char *value)
{
    str_addf(s, " %s='", name);
    add_escaped(s, value);
    str_add(s, "'");
}

static void add_os(struct str *s, const struct lv_domain *d)
{
    str_add(s, "<os><type arch='x86_64' machine='q35'>hvm</type>");
    if (d->firmware == FIRMWARE_UEFI) {
        str_addf(s, "<loader readonly='yes' type='pflash'>%s</loader>", uefi_code);
        str_addf(s, "<nvram template='%s'>", uefi_vars);
        add_escaped(s, d->nvram);
        str_add(s, "</nvram>");
    }
    str_add(s, "<boot dev='hd'/></os><features><acpi/><apic/></features>");
}

static void add_drive(struct str *s, const char *payload)
{
    str_add(s, "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>");
    if (payload) {
        str_add(s, "<source");
        add_attr(s, "file", payload);
        str_add(s, "/>");
    }
    str_add(s, "<target dev='sda' bus='scsi'/><readonly/></disk>");
}

static void add_disks(struct str *s, const struct lv_domain *d)
{
    str_add(s, "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='unsafe'"
               " discard='unmap' error_policy='enospace'/><source");
    add_attr(s, "file", d->disk);
    str_add(s, "/><target dev='vda' bus='virtio'/></disk>"
               "<controller type='scsi' index='0' model='virtio-scsi'/>");
    add_drive(s, d->payload);
}

static void add_channels(struct str *s, const struct lv_domain *d)
{
    str_add(s, "<serial type='unix'><source mode='bind'");
    add_attr(s, "path", d->line);
    str_add(s, "/><log");
    add_attr(s, "file", d->console);
    str_add(s, " append='on'/><target port='0'/></serial><channel type='unix'>");
    if (d->agent) {
        str_add(s, "<source mode='bind'");
        add_attr(s, "path", d->agent);
        str_add(s, "/>");
    }
    str_add(s, "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>");
}

static void add_network(struct str *s, const struct lv_domain *d)
{
    str_addf(s, "<interface type='udp'><source address='127.0.0.1' port='%d'>", d->sink_port);
    str_add(s, "<local address='127.0.0.1' port='0'/></source><model type='virtio'/>"
               "<rom enabled='no'/></interface>");
}

char *lv_domain_xml(const struct lv_domain *d)
{
    struct str s = STR_INIT(XML_MAX);

    str_addf(&s, "<domain type='%s'><name>", d->kvm ? "kvm" : "qemu");
    add_escaped(&s, d->name);
    str_addf(&s, "</name><uuid>%s</uuid><genid/>", d->uuid);
    str_addf(&s, "<memory unit='b'>%lld</memory>", (long long)d->memory);
    str_addf(&s, "<vcpu>%d</vcpu>", d->vcpus);
    add_os(&s, d);
    str_addf(&s, "<cpu mode='%s'/>", d->kvm ? "host-passthrough" : "maximum");
    str_add(&s, "<clock offset='utc'/><on_poweroff>destroy</on_poweroff>"
                "<on_reboot>restart</on_reboot><on_crash>preserve</on_crash><devices>");
    add_disks(&s, d);
    add_channels(&s, d);
    add_network(&s, d);
    str_add(&s, "<controller type='usb' model='none'/>"
                "<panic model='isa'/><video><model type='vga' vram='16384'/></video>"
                "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"
                "<memballoon model='none'/></devices></domain>");
    return str_take(&s);
}

char *lv_drive_xml(const char *payload)
{
    struct str s = STR_INIT(XML_MAX);

    add_drive(&s, payload);
    return str_take(&s);
}
