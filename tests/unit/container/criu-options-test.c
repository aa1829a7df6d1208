// SPDX-License-Identifier: Apache-2.0
/* From the options of checkpoint and restore to the command line of criu(8). */
#include "../tap.h"
#include "container/criu-options.h"

#include <stdio.h>

/* All words, a blank between them. */
static const char *words_of(const struct criu_options *options, enum criu_action action)
{
    static char text[4096];
    struct arena arena = { 0 };
    struct criu_words words = { .arena = &arena };
    size_t used = 0;

    criu_options_add(&words, options, action);
    text[0] = 0;
    for (size_t i = 0; i < words.n; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", words.at[i]);
    arena_free(&arena);
    return text;
}

static bool is_refused(struct criu_options options, const char *named)
{
    struct error why = { 0 };

    return criu_options_check(&options, &why) < 0 && why.code == ERROR_USAGE &&
           strstr(why.text, named);
}

static bool is_taken(struct criu_options options)
{
    struct error why;

    return criu_options_check(&options, &why) == 0;
}

static void check_words(void)
{
    is_str(words_of(&(struct criu_options){ 0 }, CRIU_DUMP), "--manage-cgroups=soft",
           "nothing_asked_for_is_soft_cgroups");
    is_str(
        words_of(&(struct criu_options){ .pre_dump = true, .leave_running = true }, CRIU_PRE_DUMP),
        "--track-mem --manage-cgroups=soft", "a_pre_dump_tracks_memory_and_always_goes_on");
    is_str(
        words_of(&(struct criu_options){ .parent_path = "../a", .leave_running = true }, CRIU_DUMP),
        "--track-mem --prev-images-dir ../a --leave-running --manage-cgroups=soft",
        "a_parent_is_named_and_memory_tracked_further");
    is_str(words_of(&(struct criu_options){ .page_server = "1.2.3.4:27" }, CRIU_DUMP),
           "--page-server --address 1.2.3.4 --port 27 --manage-cgroups=soft",
           "memory_goes_to_the_page_server");
    is_str(words_of(&(struct criu_options){ .page_server = "[::1]:27" }, CRIU_DUMP),
           "--page-server --address ::1 --port 27 --manage-cgroups=soft",
           "an_ipv6_address_loses_its_brackets");
    is_str(words_of(&(struct criu_options){ .page_server = "a:27", .lazy_pages = true }, CRIU_DUMP),
           "--address a --port 27 --manage-cgroups=soft --lazy-pages",
           "lazy_pages_are_served_by_the_dump_itself");
    is_str(words_of(&(struct criu_options){ .tcp_established = true,
                                            .tcp_close = true,
                                            .link_remap = true,
                                            .ext_unix_sk = true,
                                            .shell_job = true,
                                            .file_locks = true,
                                            .auto_dedup = true,
                                            .network_lock = "nftables",
                                            .empty_ns = "network",
                                            .manage_cgroups_mode = "ignore",
                                            .lsm_profile = "apparmor:x",
                                            .lsm_mount_context = "c" },
                    CRIU_RESTORE),
           "--manage-cgroups=ignore --tcp-established --tcp-close --link-remap --ext-unix-sk "
           "--shell-job --file-locks --auto-dedup --network-lock nftables --empty-ns net "
           "--lsm-profile apparmor:x --lsm-mount-context c",
           "every_option_of_restore_has_its_word");
    is_str(
        words_of(&(struct criu_options){ .leave_running = true, .parent_path = "a" }, CRIU_RESTORE),
        "--manage-cgroups=soft", "what_only_a_dump_knows_is_not_told_to_restore");
}

static void check_values(void)
{
    ok(is_taken((struct criu_options){ 0 }), "no_option_is_fine");
    ok(is_taken((struct criu_options){ .page_server = "10.0.0.1:65535" }), "a_server_is_taken");
    ok(is_refused((struct criu_options){ .page_server = "10.0.0.1" }, "--page-server"),
       "a_server_without_a_port_is_refused");
    ok(is_refused((struct criu_options){ .page_server = ":5" }, "--page-server"),
       "a_server_without_an_address_is_refused");
    ok(is_refused((struct criu_options){ .page_server = "a:65536" }, "--page-server"),
       "a_port_beyond_65535_is_refused");
    ok(is_refused((struct criu_options){ .manage_cgroups_mode = "props" }, "--manage-cgroups-mode"),
       "an_unknown_cgroup_mode_is_refused");
    ok(is_refused((struct criu_options){ .network_lock = "x" }, "--network-lock"),
       "an_unknown_network_lock_is_refused");
    ok(is_refused((struct criu_options){ .empty_ns = "ipc" }, "--empty-ns"),
       "only_the_network_namespace_may_be_empty");
    ok(is_refused((struct criu_options){ .status_fd = "x" }, "--status-fd"),
       "a_status_fd_is_a_number");
    ok(is_refused((struct criu_options){ .lsm_profile = "apparmor:" }, "--lsm-profile"),
       "a_profile_needs_a_name");
    ok(is_refused((struct criu_options){ .lsm_profile = "smack:x" }, "--lsm-profile"),
       "a_profile_is_of_apparmor_or_selinux");
    ok(is_refused((struct criu_options){ .parent_path = "/a" }, "--parent-path"),
       "an_absolute_parent_is_refused");
}

/* 1: named, 0: nothing added, -1: refused. */
static int file_of(const char *value)
{
    static const char *key = "org.criu.config";
    struct oci_config spec = { .annotations = { 1, &value, &key } };
    struct arena arena = { 0 };
    struct criu_words words = { .arena = &arena };
    struct error why;
    int result = criu_options_add_file(&words, &spec, &why);

    if (result == 0 && words.n)
        result = strcmp(words.at[0], "--config") == 0 && strcmp(words.at[1], value) == 0;
    arena_free(&arena);
    return result;
}

static void check_file(void)
{
    is_int(file_of("/etc/criu/a.conf"), 1, "a_file_of_options_is_named");
    is_int(file_of(""), 0, "an_empty_name_is_none");
    is_int(file_of("a.conf"), -1, "a_relative_name_is_refused");
}

int main(void)
{
    check_file();
    check_words();
    check_values();
    return done_testing();
}
