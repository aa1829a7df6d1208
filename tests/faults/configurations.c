// SPDX-License-Identifier: Apache-2.0
// Which configuration takes a row, and the bundle that has it.
#include "faults.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// --- the texts that configurations.jq made ---

enum { TEXTS_MAX = 128 };

static struct {
    char *name; // NAME/VARIANT
    char *text;
} texts[TEXTS_MAX];

static const char *const variants[] = {
    [IDLE] = "idle", [BRIEF] = "brief", [NO_HOOKS] = "no-hooks", [HOOK] = "hook"
};

bool configurations_load(const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL, *tab;
    size_t size = 0, n = 0;

    if (!file) {
        perror(path);
        return false;
    }
    while (n < TEXTS_MAX && getline(&line, &size, file) > 0 && (tab = strchr(line, '\t'))) {
        *tab = '\0';
        texts[n].text = tab + 1;
        texts[n++].name = line;
        line = NULL;
        size = 0;
    }
    fclose(file);
    if (n == 0)
        fprintf(stderr, "%s: no configuration is in it\n", path);
    return n > 0;
}

static const char *find_text(const char *name, enum variant variant)
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "%s/%s", name, variants[variant]);
    for (size_t i = 0; i < TEXTS_MAX && texts[i].name; i++)
        if (!strcmp(texts[i].name, wanted))
            return texts[i].text;
    return NULL;
}

// --- a bundle ---

// TEXT with the values of this case in their places.
static void write_text(const struct scene *s, const char *text, FILE *to)
{
    const struct {
        const char *name, *value;
    } places[] = { { "@NIC@", s->nic }, { "@TOKEN@", s->id }, { "@HOOK@", s->test->hook } };
    const char *at;

    while ((at = strchr(text, '@'))) {
        size_t i = 0;

        fwrite(text, 1, (size_t)(at - text), to);
        while (i < COUNT(places) && strncmp(at, places[i].name, strlen(places[i].name)) != 0)
            i++;
        fputs(i < COUNT(places) ? places[i].value : "@", to);
        text = at + (i < COUNT(places) ? strlen(places[i].name) : 1);
    }
    fputs(text, to);
}

static void offer_network_device(struct scene *s)
{
    char said[512];

    snprintf(s->nic, sizeof(s->nic), "zt%s", strrchr(s->id, '-') + 1);
    if (program_run(
            (const char *const[]){ "ip", "link", "add", "name", s->nic, "type", "veth", NULL },
            said, sizeof(said)) != 0)
        scene_skip(s, "no veth devices");
}

static void offer_console(struct scene *s)
{
    scene_path(s, s->console, "console");
    if (!terminal_receive(s->console))
        scene_fail(s, "no console socket: %m");
}

static void prepare(struct scene *s, const char *name)
{
    if (!strcmp(name, "devices"))
        offer_network_device(s);
    if (!strcmp(name, "terminal"))
        offer_console(s);
    if (!strcmp(name, "notify"))
        scene_path(s, s->notify, "notify");
    if (!strcmp(name, "disabled")) {
        s->globals[0] = "--cgroup-manager";
        s->globals[1] = "disabled";
        s->globals[2] = NULL;
    }
}

void configurations_make(struct scene *s, const char *name, enum variant variant)
{
    const char *text = find_text(name, variant);
    char path[PATH_MAX];
    FILE *file;

    if (!text)
        scene_fail(s, "there is no configuration %s", name);
    prepare(s, name);
    setenv("ZIND_RESCTRL", scene_path(s, path, "resctrl"), 1);
    if (mkdir(path, 0755) < 0)
        scene_fail(s, "mkdir %s: %m", path);
    if (mkdir(s->bundle, 0755) < 0)
        scene_fail(s, "mkdir %s: %m", s->bundle);
    file = fopen(scene_path(s, path, "bundle/config.json"), "we");
    if (!file)
        scene_fail(s, "%s: %m", path);
    write_text(s, text, file);
    if (fclose(file) != 0)
        scene_fail(s, "%s: %m", path);
}

// --- who takes a row ---

enum { V1 = 1, V2 = 2, ANY_HOST = V1 | V2, ANY_OPERATION = CREATE | RUN | EXEC | RESTORE };

// The first that matches; NULL: none does on such a host.
static const struct taker {
    const char *rows;
    unsigned operations;
    unsigned hosts;
    const char *configuration;
} takers[] = {
    { "terminal_*", EXEC, ANY_HOST, "plain" },
    { "terminal_*", ANY_OPERATION, ANY_HOST, "terminal" },
    { "mounts_open", ANY_OPERATION, ANY_HOST, "mapped" },
    { "mounts_reach", ANY_OPERATION, ANY_HOST, "mapped" },
    { "root_reach", ANY_OPERATION, ANY_HOST, "mapped" },
    { "id_mappings_write", ANY_OPERATION, ANY_HOST, "mapped" },
    { "namespaces_enter_time", ANY_OPERATION, ANY_HOST, "time" },
    { "namespaces_open_clocks", ANY_OPERATION, ANY_HOST, "time" },
    { "hooks_open_outputs", ANY_OPERATION, ANY_HOST, "outputs" },
    { "state_note_root", ANY_OPERATION, ANY_HOST, "inherited" },
    { "net_devices_*", ANY_OPERATION, ANY_HOST, "devices" },
    { "notify_socket_*", ANY_OPERATION, ANY_HOST, "notify" },
    { "*intel_rdt*", ANY_OPERATION, ANY_HOST, "rdt" },
    { "scheduler_unbind", ANY_OPERATION, ANY_HOST, "unbound" },
    { "cgroups_enter", RESTORE, ANY_HOST, "plain" },
    { "cgroups_enter", ANY_OPERATION, V2, "plain" },
    { "cgroups_enter", ANY_OPERATION, V1, "disabled" },
    { "cgroups_delegate", ANY_OPERATION, V2, "delegated" },
    { "cgroups_delegate", ANY_OPERATION, V1, NULL },
    { "cgroups_open", ANY_OPERATION, V1, "plain" },
    { "cgroups_open", ANY_OPERATION, V2, NULL },
    { "cgroups_join", ANY_OPERATION, V1, "plain" },
    { "cgroups_join", ANY_OPERATION, V2, NULL },
    { "seccomp_install_late", EXEC, ANY_HOST, "plain" },
    { "seccomp_install_late", ANY_OPERATION, ANY_HOST, "time" },
    { "lsm_prepare", ANY_OPERATION, ANY_HOST, "lsm" },
};

const char *configurations_find(struct scene *s)
{
    const unsigned host = host_is_cgroup2() ? V2 : V1;
    const char *other = getenv("ZIND_FAULTS_CONFIGURATION");

    for (size_t i = 0; i < COUNT(takers); i++) {
        const struct taker *taker = &takers[i];

        if (!(taker->operations & s->test->operation) || !(taker->hosts & host) ||
            fnmatch(taker->rows, s->test->row, 0) != 0)
            continue;
        if (!taker->configuration)
            scene_skip(s, "no configuration takes this row on this host's cgroups");
        return taker->configuration;
    }
    return other && *other ? other : "plain";
}
