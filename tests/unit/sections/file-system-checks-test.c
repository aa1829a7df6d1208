// SPDX-License-Identifier: Apache-2.0
// What is refused in root, mounts, devices, paths, names and sysctl before anything is done.
#include "../tap.h"
#include "json-decode.h"
#include "sections/container.h"

static char why_text[256];

// The pointer of the first problem, "" for none; WARNING: whether it is one.
static const char *first_problem(const char *json, bool *ret_warning)
{
    static struct problems all;
    struct arena arena = { 0 };
    struct json_error why;
    const struct oci_config *spec =
        json_decode(&oci_config_object, json, strlen(json), &arena, &why);
    static char pointer[160];

    problems_free(&all);
    if (spec == NULL)
        return "not decoded";
    root_check(spec, &all);
    mounts_check(spec, &all);
    hostname_check(spec, &all);
    devices_check(spec, &all);
    net_devices_check(spec, &all);
    masked_paths_check(spec, &all);
    readonly_paths_check(spec, &all);
    sysctl_check(spec, &all);
    (void)snprintf(pointer, sizeof pointer, "%s", all.n ? all.at[0].pointer : "");
    (void)snprintf(why_text, sizeof why_text, "%s", all.n ? all.at[0].text : "");
    *ret_warning = all.n && all.at[0].is_warning;
    arena_free(&arena);
    return pointer;
}

static void judge(const char *more, const char *linux_more, const char *wanted, bool warning,
                  const char *claim)
{
    char json[4096];
    bool is_warning;

    (void)snprintf(
        json, sizeof json,
        "{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"r\"}%s,\"linux\":{\"namespaces\":["
        "{\"type\":\"mount\"},{\"type\":\"network\"},{\"type\":\"ipc\"}]%s}}",
        more, linux_more);
    if (!is_str(first_problem(json, &is_warning), wanted, claim))
        printf("# %s\n", why_text);
    if (*wanted)
        ok(is_warning == warning, warning ? "as a warning" : "as an error");
}

static void refused(const char *more, const char *linux_more, const char *wanted, const char *claim)
{
    judge(more, linux_more, wanted, false, claim);
}

static void accepted(const char *more, const char *linux_more, const char *claim)
{
    judge(more, linux_more, "", false, claim);
}

static void mount_cases(void)
{
#define MOUNT(text) ",\"mounts\":[{\"destination\":\"/m\"," text "}]"
    accepted(MOUNT("\"type\":\"tmpfs\",\"options\":[\"size=1k\",\"ro\"]"), "", "a tmpfs");
    refused(MOUNT("\"source\":\"/x\""), "", "mounts[0].type", "neither type nor bind");
    refused(MOUNT("\"options\":[\"bind\"]"), "", "mounts[0].source", "a bind without a source");
    judge(MOUNT("\"source\":\"/x\",\"options\":[\"bind\",\"size=1k\"]"), "", "mounts[0].options[1]",
          true, "a bind mount has no options of a file system");
    refused(MOUNT("\"source\":\"/x\",\"options\":[\"bind\",\"idmap\"]"), "", "mounts[0].options",
            "idmap without mappings or user namespace");
    refused(MOUNT("\"source\":\"/x\",\"options\":[\"bind\"],\"uidMappings\":[{\"containerID\":0,"
                  "\"hostID\":1,\"size\":1}]"),
            "", "mounts[0]", "one mapping without the other");
    refused(MOUNT("\"type\":\"proc\",\"options\":[\"tmpcopyup\"]"), "", "mounts[0].options",
            "tmpcopyup of a procfs");
    accepted(MOUNT("\"options\":[\"remount\",\"ro\"]"), "", "a remount needs no type");
    judge(",\"mounts\":[{\"destination\":\"m\",\"type\":\"tmpfs\"}]", "", "mounts[0].destination",
          true, "a relative destination is deprecated");
}

static void root_cases(void)
{
    bool is_warning;

    is_str(first_problem("{\"ociVersion\":\"1.0.0\"}", &is_warning), "root", "no root");
    is_str(first_problem("{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\",\"readonly\":true},"
                         "\"linux\":{\"namespaces\":[{\"type\":\"user\"}]}}",
                         &is_warning),
           "root.readonly", "a read-only rootfs in a user namespace without a mount namespace");
    is_str(first_problem("{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\",\"readonly\":true},"
                         "\"mounts\":[{\"destination\":\"/m\",\"type\":\"tmpfs\"}]}",
                         &is_warning),
           "", "mounts in the mount namespace of the host");
    is_str(first_problem("{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"r\"},"
                         "\"mounts\":[{\"destination\":\"//.\",\"type\":\"tmpfs\"}]}",
                         &is_warning),
           "mounts[0].destination", "a mount over the rootfs in the host's");
    refused("", ",\"rootfsPropagation\":\"ro\"", "linux.rootfsPropagation", "no propagation");
    accepted("", ",\"rootfsPropagation\":\"rslave\"", "the r forms");
}

static void device_cases(void)
{
#define DEVICE(text) ",\"devices\":[{" text "}]"
    refused("", DEVICE("\"path\":\"dev/x\",\"type\":\"p\""), "linux.devices[0].path", "relative");
    refused("", DEVICE("\"path\":\"/dev/x\",\"type\":\"c\",\"major\":1"), "linux.devices[0]",
            "no minor");
    refused("", DEVICE("\"path\":\"/dev/x\",\"type\":\"c\",\"major\":1,\"minor\":-1"),
            "linux.devices[0]", "a negative minor");
    accepted("", DEVICE("\"path\":\"/x\",\"type\":\"p\""),
             "a fifo has no numbers, and may be anywhere");
}

static void name_cases(void)
{
    refused(",\"hostname\":\"h\"", "", "hostname", "a hostname without a uts namespace");
    refused(",\"domainname\":\"d\"", "", "domainname", "a domainname without a uts namespace");
    accepted(",\"hostname\":\"\"", "", "an empty hostname is none");
    refused("", ",\"maskedPaths\":[\"proc\"]", "linux.maskedPaths[0]", "a relative masked path");
    refused("", ",\"readonlyPaths\":[\"/a\",\"b\"]", "linux.readonlyPaths[1]",
            "a relative read-only path");
}

static void sysctl_cases(void)
{
#define SYSCTL(key) ",\"sysctl\":{\"" key "\":\"1\"}"
    accepted("", SYSCTL("net.ipv4.ip_forward"), "net, with dots");
    accepted("", SYSCTL("net/ipv4/conf/eth0.1/forwarding"), "net, with slashes: a dot is a dot");
    accepted("", SYSCTL("net.ipv4.conf.eth0/1.forwarding"), "net, with dots: a slash is a dot");
    accepted("", SYSCTL("kernel.shmmax"), "ipc");
    accepted("", SYSCTL("fs.mqueue.msg_max"), "mqueue");
    refused("", SYSCTL("kernel.domainname"), "linux.sysctl[\"kernel.domainname\"]",
            "domainname without a uts namespace");
    refused("", SYSCTL("kernel.core_pattern"), "linux.sysctl[\"kernel.core_pattern\"]",
            "a parameter of the host");
    refused("", SYSCTL("net/../kernel/core_pattern"),
            "linux.sysctl[\"net/../kernel/core_pattern\"]", "dot-dot, written with slashes");
    refused("", SYSCTL("net.//.kernel.core_pattern"),
            "linux.sysctl[\"net.//.kernel.core_pattern\"]", "dot-dot, written with dots");
    refused("", SYSCTL("kernel.shmmax.x"), "linux.sysctl[\"kernel.shmmax.x\"]", "no prefix match");
    refused("", SYSCTL("netx.y"), "linux.sysctl[\"netx.y\"]", "net is a whole component");
    refused("", SYSCTL("net."), "linux.sysctl[\"net.\"]", "a folder");
}

#define NET(devices) ",\"netDevices\":{" devices "}"

// config-linux.md, "Network Devices"
static void network_devices(void)
{
    accepted("", NET("\"eth0\":{},\"eth1\":{\"name\":\"net0\"}"), "network devices");
    accepted("", NET("\"eth0\":{\"name\":\"net%d\"},\"eth1\":{\"name\":\"net%d\"}"),
             "names of which the kernel chooses the number");
    accepted("", NET("\"eth0\":{\"name\":\"\"}"), "an empty name stands for none");
    refused("", NET("\"\":{}"), "linux.netDevices[\"\"]", "an empty name on the host");
    refused("", NET("\"eth%d\":{}"), "linux.netDevices[\"eth%d\"]", "a pattern on the host");
    refused("", NET("\"a\":{\"name\":\"sixteen-letters-\"}"), "linux.netDevices[\"a\"].name",
            "a name that is too long");
    refused("", NET("\"a\":{\"name\":\"b/c\"}"), "linux.netDevices[\"a\"].name", "a slash");
    refused("", NET("\"a\":{\"name\":\"..\"}"), "linux.netDevices[\"a\"].name", "two dots");
    refused("", NET("\"a\":{\"name\":\"b%s\"}"), "linux.netDevices[\"a\"].name", "a wild pattern");
    refused("", NET("\"a\":{\"name\":\"b%d%d\"}"), "linux.netDevices[\"a\"].name", "two numbers");
    refused("", NET("\"a\":{\"name\":\"b\"},\"b\":{}"), "linux.netDevices[\"b\"].name",
            "two devices of one name");
}

int main(void)
{
    network_devices();
    mount_cases();
    root_cases();
    device_cases();
    name_cases();
    sysctl_cases();
    return done_testing();
}
