// SPDX-License-Identifier: Apache-2.0
/* From the options of checkpoint and restore to those of criu(8). Pure. */
#include "container/criu-options.h"
#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- words --- */

void criu_words_add(struct criu_words *words, const char *word, const char *argument)
{
    const char *const added[] = { word, argument };

    for (size_t i = 0; i < 2; i++) {
        if (added[i] == NULL)
            continue;
        if (words->n + 1 >= words->room) {
            size_t room = words->room * 2 + 32;
            const char **more = arena_alloc(words->arena, room * sizeof *more);

            words->is_short |= more == NULL;
            if (more == NULL)
                return;
            if (words->n)
                memcpy(more, words->at, words->n * sizeof *more);
            words->at = more;
            words->room = room;
        }
        words->at[words->n++] = added[i];
        words->at[words->n] = NULL;
    }
}

void criu_words_print(struct criu_words *words, const char *word, const char *format, ...)
{
    char text[2 * PATH_MAX + 64];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof text, format, args);
    va_end(args);

    const char *kept =
        length < 0 || length >= (int)sizeof text ? NULL : arena_strdup(words->arena, text);

    words->is_short |= kept == NULL;
    if (kept)
        criu_words_add(words, word, kept);
}

/* --- checks --- */

static int fail_option(struct error *why, const char *option, const char *value, const char *wanted)
{
    (void)fail(why, 0, "--%s %s: %s is wanted", option, value, wanted);
    return fail_code(why, ERROR_USAGE);
}

static bool is_one_of(const char *value, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(value, *names) == 0)
            return true;
    return false;
}

static bool is_profile(const char *value)
{
    const char *const types[] = { "apparmor:", "selinux:" };

    for (size_t i = 0; i < 2; i++)
        if (text_starts(value, types[i]))
            return value[strlen(types[i])] != 0;
    return false;
}

static bool is_server(const char *value)
{
    const char *colon = strrchr(value, ':');
    uint64_t port;

    return colon && colon != value && text_to_number(colon + 1, 65535, &port) && port > 0;
}

int criu_options_check(const struct criu_options *o, struct error *why)
{
    static const char *const modes[] = { "soft", "full", "strict", "ignore", NULL };
    static const char *const locks[] = { "iptables", "nftables", "skip", NULL };
    uint64_t number;

    if (o->manage_cgroups_mode && !is_one_of(o->manage_cgroups_mode, modes))
        return fail_option(why, "manage-cgroups-mode", o->manage_cgroups_mode,
                           "soft, full, strict or ignore");
    if (o->network_lock && !is_one_of(o->network_lock, locks))
        return fail_option(why, "network-lock", o->network_lock, "iptables, nftables or skip");
    if (o->empty_ns && strcmp(o->empty_ns, "network") != 0)
        return fail_option(why, "empty-ns", o->empty_ns, "network");
    if (o->page_server && !is_server(o->page_server))
        return fail_option(why, "page-server", o->page_server, "ADDRESS:PORT");
    if (o->status_fd && !text_to_number(o->status_fd, INT_MAX, &number))
        return fail_option(why, "status-fd", o->status_fd, "the number of an open descriptor");
    if (o->lsm_profile && !is_profile(o->lsm_profile))
        return fail_option(why, "lsm-profile", o->lsm_profile, "apparmor:NAME or selinux:NAME");
    if (o->parent_path && *o->parent_path == '/')
        return fail_option(why, "parent-path", o->parent_path,
                           "a path from the folder of --image-path on, not an absolute one,");
    return 0;
}

/* --- meaning --- */

/* With lazy pages the dump serves them itself, later; else it sends them to a server. */
static void add_server(struct criu_words *words, const struct criu_options *o)
{
    const char *begin = o->page_server, *colon = begin ? strrchr(begin, ':') : NULL;
    const char *end = colon;

    if (colon == NULL)
        return;
    /* "[::1]:27": criu looks the address up as it stands. */
    if (*begin == '[' && end[-1] == ']')
        begin++, end--;
    if (!o->lazy_pages)
        criu_words_add(words, "--page-server", NULL);
    criu_words_print(words, "--address", "%.*s", (int)(end - begin), begin);
    criu_words_add(words, "--port", colon + 1);
}

static void add_flag(struct criu_words *words, bool is_given, const char *word)
{
    if (is_given)
        criu_words_add(words, word, NULL);
}

static void add_text(struct criu_words *words, const char *word, const char *argument)
{
    if (argument)
        criu_words_add(words, word, argument);
}

static void add_dump(struct criu_words *words, const struct criu_options *o,
                     enum criu_action action)
{
    /* What a later dump leaves out is what has not changed since: the kernel must keep track. */
    add_flag(words, action == CRIU_PRE_DUMP || o->parent_path, "--track-mem");
    add_text(words, "--prev-images-dir", o->parent_path);
    add_flag(words, o->leave_running && action == CRIU_DUMP, "--leave-running");
    add_flag(words, o->tcp_skip_in_flight, "--skip-in-flight");
    add_server(words, o);
}

void criu_options_add(struct criu_words *words, const struct criu_options *o,
                      enum criu_action action)
{
    if (action != CRIU_RESTORE)
        add_dump(words, o, action);
    /* Its argument is optional, and so part of the word. */
    criu_words_print(words, NULL, "--manage-cgroups=%s",
                     o->manage_cgroups_mode ? o->manage_cgroups_mode : "soft");
    add_flag(words, o->tcp_established, "--tcp-established");
    add_flag(words, o->tcp_close, "--tcp-close");
    add_flag(words, o->link_remap, "--link-remap");
    add_flag(words, o->ext_unix_sk, "--ext-unix-sk");
    add_flag(words, o->shell_job, "--shell-job");
    add_flag(words, o->file_locks, "--file-locks");
    add_flag(words, o->lazy_pages, "--lazy-pages");
    add_flag(words, o->auto_dedup, "--auto-dedup");
    add_text(words, "--network-lock", o->network_lock);
    add_text(words, "--empty-ns", o->empty_ns ? "net" : NULL);
    add_text(words, "--lsm-profile", o->lsm_profile);
    add_text(words, "--lsm-mount-context", o->lsm_mount_context);
}

int criu_options_add_file(struct criu_words *words, const struct oci_config *spec,
                          struct error *why)
{
    const char *path = annotation_of(spec, "org.criu.config");

    if (path == NULL || !*path)
        return 0;
    if (*path == '/') {
        criu_words_add(words, "--config", path);
        return 0;
    }
    (void)fail(why, 0, "\"%s\" is not an absolute path", path);
    (void)fail_at(why, "annotations[\"org.criu.config\"]");
    return fail_code(why, ERROR_SPEC);
}
