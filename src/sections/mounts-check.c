// SPDX-License-Identifier: Apache-2.0
/* What can be wrong with mounts before one of them is made, and how a mount is shown in `zind-oci
 * plan`. */
#include "base/text.h"
#include "kernel/path.h"
#include "sections/id-mappings.h"
#include "sections/mount-mappings.h"
#include "sections/mounts.h"
#include "sections/namespaces-wanted.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static void check_mappings(const struct oci_config *spec, size_t i, const char *text,
                           struct problems *all)
{
    struct mount_mappings mappings;
    const char *problem = mount_mappings_read(spec, text, &mappings);

    if (spec->mounts.at[i].uid_mappings.n > 0)
        problem = "says what uidMappings say, too";
    if (problem)
        refuse(all, at("mounts[%zu].options", i), "idmap=%s %s", text, problem);
}

static void check_idmap(const struct oci_config *spec, size_t i,
                        const struct mount_options *options, struct problems *all)
{
    const struct oci_mount *mount = &spec->mounts.at[i];

    if ((mount->uid_mappings.n > 0) != (mount->gid_mappings.n > 0))
        refuse(all, at("mounts[%zu]", i), "uidMappings and gidMappings need each other");
    id_mappings_check_list(&mount->uid_mappings, at("mounts[%zu].uidMappings", i), all);
    id_mappings_check_list(&mount->gid_mappings, at("mounts[%zu].gidMappings", i), all);
    if (!options->is_idmapped)
        return;
    if (options->is_remount)
        refuse(all, at("mounts[%zu]", i), "ids are mapped when a mount is made, not by a remount");
    else if (!options->is_bind && mount->type && text_starts(mount->type, "cgroup"))
        refuse(all, at("mounts[%zu]", i), "cgroups cannot be idmapped");
    if (options->idmap)
        check_mappings(spec, i, options->idmap, all);
    else if (mount->uid_mappings.n == 0 && namespace_wanted(spec, OCI_NAMESPACE_TYPE_USER) == NULL)
        refuse(all, at("mounts[%zu].options", i),
               "idmap needs uidMappings and gidMappings, or a user namespace of the container");
}

/* What changes the owner of files, or what may be done with them, is never left out: of a bind
 * mount these are options of another file system, or an engine's own. */
static bool grants_access(const char *option)
{
    static const char *const names[] = {
        "chown",    "dmask",    "fmask", "gid",   "idmapped", "mapping",
        "mappings", "readonly", "uid",   "umask", "U",        NULL,
    };
    size_t length = strcspn(option, "=");

    for (size_t i = 0; names[i]; i++)
        if (strlen(names[i]) == length && strncmp(names[i], option, length) == 0)
            return true;
    return mount_option_for(option) == MOUNT_OPTION_FOR_FILE_SYSTEM &&
           (text_starts(option, "idmap") || text_starts(option, "ridmap") ||
            text_starts(option, "ro=") || text_starts(option, "rro="));
}

static void check_options(const struct oci_config *spec, size_t i,
                          const struct mount_options *options, struct problems *all)
{
    const struct oci_mount *mount = &spec->mounts.at[i];
    size_t propagations = 0;

    for (size_t j = 0; j < mount->options.n; j++) {
        const char *option = mount->options.at[j];
        struct mount_propagation unused;

        /* One that is empty says nothing: podman --systemd=always gives one. */
        if (*option && options->is_bind && grants_access(option))
            refuse(all, at("mounts[%zu].options[%zu]", i, j),
                   "\"%s\" cannot be had of a bind mount, and would change who may do what",
                   option);
        else if (*option && options->is_bind &&
                 mount_option_for(option) == MOUNT_OPTION_FOR_FILE_SYSTEM)
            caution(all, at("mounts[%zu].options[%zu]", i, j),
                    "\"%s\" has no effect: a bind mount has no options of a file system", option);
        propagations += mount_propagation_find(option, &unused);
    }
    if (propagations > MOUNT_PROPAGATIONS_MAX)
        refuse(all, at("mounts[%zu].options", i), "has more than %d propagation options",
               MOUNT_PROPAGATIONS_MAX);
    if (options->copies_up && (mount->type == NULL || strcmp(mount->type, "tmpfs") != 0))
        refuse(all, at("mounts[%zu].options", i), "tmpcopyup is for tmpfs only");
}

static void check_one(const struct oci_config *spec, size_t i, struct problems *all)
{
    const struct oci_mount *mount = &spec->mounts.at[i];
    struct mount_options options;

    mount_options_read(mount, &options);
    if (*mount->destination == 0)
        refuse(all, at("mounts[%zu].destination", i), "is empty");
    else if (strlen(mount->destination) >= PATH_MAX)
        refuse(all, at("mounts[%zu].destination", i), "is longer than a path can be");
    else if (*mount->destination != '/')
        caution(all, at("mounts[%zu].destination", i), "is not absolute: taken as /%s",
                mount->destination);
    if (options.is_bind && !options.is_remount && (mount->source == NULL || *mount->source == 0))
        refuse(all, at("mounts[%zu].source", i), "is missing: a bind mount needs one");
    if (!options.is_bind && !options.is_remount && (mount->type == NULL || *mount->type == 0))
        refuse(all, at("mounts[%zu].type", i), "is missing, and neither bind nor rbind is given");
    check_options(spec, i, &options, all);
    check_idmap(spec, i, &options, all);
}

static void check_label_option(const struct oci_config *spec, struct problems *all)
{
    static const char *const options[] = { "context", "fscontext", "defcontext", "rootcontext" };
    const char *given = annotation_of(spec, "run.oci.mount_context_type");

    for (size_t i = 0; given && i < sizeof options / sizeof *options; i++)
        if (strcmp(given, options[i]) == 0)
            return;
    if (given)
        refuse(all, "annotations[\"run.oci.mount_context_type\"]",
               "\"%s\" is not context, fscontext, defcontext or rootcontext", given);
}

void mounts_check(const struct oci_config *spec, struct problems *all)
{
    check_label_option(spec, all);
    for (size_t i = 0; i < spec->mounts.n; i++)
        check_one(spec, i, all);
}

/* /proc: proc (nosuid,noexec,nodev) */
void mounts_explain(const struct container *c, struct explain *to)
{
    FOREACH (mount, c->spec->mounts) {
        struct mount_options options;
        char text[512] = "";
        size_t used = 0;

        mount_options_read(mount, &options);
        FOREACH (option, mount->options) {
            int n = snprintf(text + used, sizeof text - used, "%s%s", used ? "," : "", *option);

            used += (size_t)n;
            if (used >= sizeof text)
                break;
        }
        explain(to, "%s %s%s%s%s%s%s%s", mount->destination,
                options.is_remount ? "remount"
                : options.is_bind  ? "bind"
                                   : mount->type,
                options.is_bind && mount->source ? " of " : "",
                options.is_bind && mount->source ? mount->source : "", *text ? " (" : "", text,
                used >= sizeof text ? " …" : "", *text ? ")" : "");
    }
}
