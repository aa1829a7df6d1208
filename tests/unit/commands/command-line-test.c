// SPDX-License-Identifier: Apache-2.0
// Every spelling of options that engines use is understood, and every wrong one is explained.
#include "../tap.h"
#include "commands/command-line.h"

#include <stdlib.h>

static struct command_line line;
static struct arena arena;
static struct error why;

// Parses "zind-oci" and the words of TEXT, which single spaces separate.
static int parse(const char *text)
{
    static char copy[512];
    static char *argv[32];
    int argc = 0;

    arena_free(&arena);
    why = (struct error){ 0 };
    (void)snprintf(copy, sizeof copy, "zind-oci %s", text);
    for (char *word = copy, *end; word; word = end) {
        end = strchr(word, ' ');
        if (end)
            *end++ = 0;
        if (*word)
            argv[argc++] = word;
    }
    argv[argc] = NULL;
    return command_line_parse(&line, argc, argv, &arena, &why);
}

static void a_value_may_stand_alone_or_after_an_equals_sign(void)
{
    static const char *const spellings[] = {
        "create --bundle /b web", "create --bundle=/b web",    "create -b /b web",
        "create -b/b web",        "create -b=/b web",          "create -bundle /b web",
        "create -bundle=/b web",  "create web --bundle /b",    "create web -b/b",
        "create -b /b -- web",    "create --bundle /b -- web",
    };

    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        ok(parse(spellings[i]) == 0 && line.bundle && strcmp(line.bundle, "/b") == 0 &&
               line.n_args == 1 && strcmp(line.args[0], "web") == 0 && !line.args[1],
           spellings[i]);
}

static void a_flag_may_be_given_in_many_ways(void)
{
    static const struct {
        const char *text;
        bool detach, tty;
    } cases[] = {
        { "exec -d web sh", true, false },
        { "exec -dt web sh", true, true },
        { "exec --detach --tty web sh", true, true },
        { "exec --detach=true web sh", true, false },
        { "exec --detach=false web sh", false, false },
        { "exec --tty=1 --detach=T web sh", true, true },
        { "exec -t=false web sh", false, false },
        { "exec -t --tty=false web sh", false, false },
        { "exec -tty -detach web sh", true, true },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ok(parse(cases[i].text) == 0 && line.detach == cases[i].detach && line.tty == cases[i].tty,
           cases[i].text);
}

static void a_value_that_looks_like_an_option_is_a_value(void)
{
    ok(parse("create --bundle --weird web") == 0, "the next word is the value");
    is_str(line.bundle, "--weird", "whatever it looks like");
}

static void the_container_ends_the_options_of_exec_and_ps(void)
{
    ok(parse("exec -e A=1 web ls -l --tty -- x") == 0, "exec");
    is_int(line.n_args, 6, "all words from the id on are kept");
    is_str(line.args[2], "-l", "options of the program stay");
    is_str(line.args[4], "--", "also --");
    ok(!line.tty, "and are not ours");
    ok(parse("ps -f json web -o pid") == 0 && line.n_args == 3, "ps");
    ok(parse("exec -- web ls") == 0 && line.n_args == 2, "-- before the id is taken away");
}

static void options_after_the_container_are_options_elsewhere(void)
{
    ok(parse("delete web --force") == 0 && line.force && line.n_args == 1, "delete web --force");
    ok(parse("kill web --all") == 0 && line.all && line.n_args == 1, "kill web --all");
    ok(parse("kill web KILL -a") == 0 && line.all && line.n_args == 2, "kill web KILL -a");
    ok(parse("kill web -h") == 0 && line.help, "kill web -h");
    ok(parse("kill web -9") == -1, "kill web -9 is none");
    ok(parse("delete -- --force") == 0 && !line.force, "but not after --");
    is_str(line.args[0], "--force", "which makes an id of it");
}

static void repeated_options_are_all_kept(void)
{
    ok(parse("exec -e A=1 --env B=2 --env=C=3 -c CAP_KILL -g 1 -g2 web sh") == 0, "exec");
    is_int(line.env.n, 3, "three of --env");
    is_str(line.env.at[2], "C=3", "in order, only the first = is ours");
    is_int(line.caps.n, 1, "one of --cap");
    is_int(line.additional_gids.n, 2, "two of -g");
    is_str(line.additional_gids.at[1], "2", "-g2");
}

static void the_last_of_an_option_wins(void)
{
    ok(parse("create -b /a -b /b web") == 0, "twice");
    is_str(line.bundle, "/b", "the last one");
}

static void numbers_are_strict(void)
{
    ok(parse("create --preserve-fds 3 web") == 0 && line.preserve_fds == 3, "3");
    ok(parse("create --preserve-fds=0 web") == 0 && line.preserve_fds == 0, "0");
    ok(parse("create --preserve-fds -1 web") == -1, "-1 is refused");
    ok(parse("create --preserve-fds=+1 web") == -1, "+1 is refused");
    ok(parse("create --preserve-fds=1x web") == -1, "1x is refused");
    ok(parse("create --preserve-fds= web") == -1, "nothing is refused");
    ok(parse("create --preserve-fds=99999999999 web") == -1, "too large a number is refused");
}

static void global_options_stand_before_the_command(void)
{
    ok(parse("--root /r --log=/l --log-format json --debug --systemd-cgroup --rootless auto "
             "--cgroup-manager disabled --log-level debug --timings fd:3 state web") == 0,
       "all of them");
    is_str(line.root, "/r", "--root");
    is_str(line.log, "/l", "--log");
    is_str(line.log_format, "json", "--log-format");
    is_str(line.cgroup_manager, "disabled", "--cgroup-manager");
    is_str(line.rootless, "auto", "--rootless");
    is_str(line.timings, "fd:3", "--timings");
    ok(line.debug && line.systemd_cgroup, "flags");
    is_int(line.command, COMMAND_state, "and the command");
    ok(parse("state --root /r web") == -1, "not after it");
    is_str(why.hint, "it stands before the command: zind-oci --root DIR state",
           "which the hint says");
}

static void version_and_help_need_no_command(void)
{
    ok(parse("--version") == 0 && line.version, "--version");
    ok(parse("-v") == 0 && line.version, "-v");
    ok(parse("-V") == 0 && line.version, "-V");
    ok(parse("--version create") == 0 && line.version, "--version, whatever follows");
    ok(parse("--version frobnicate --no") == 0 && line.version, "and be it wrong");
    ok(parse("--help") == 0 && line.help && line.command == COMMAND_NONE, "--help");
    ok(parse("create --help") == 0 && line.help && line.command == COMMAND_create,
       "create --help needs no id");
    ok(parse("exec -h") == 0 && line.help, "exec -h");
    ok(parse("help exec") == 0 && line.command == COMMAND_help, "help exec");
}

static void what_is_wrong_is_said(const char *text, const char *message, const char *hint)
{
    ok(parse(text) == -1, text);
    is_str(why.text, message, "message");
    is_str(why.hint, hint, "hint");
    is_int(why.code, ERROR_USAGE, "usage");
}

static void errors_name_the_word_and_the_nearest_known_one(void)
{
    what_is_wrong_is_said("", "no command is given", "to list the commands: zind-oci --help");
    what_is_wrong_is_said("crate web", "unknown command crate", "did you mean create?");
    what_is_wrong_is_said("frobnicate", "unknown command frobnicate",
                          "to list the commands: zind-oci --help");
    what_is_wrong_is_said("create --bundel /b web", "unknown option --bundel",
                          "did you mean --bundle?");
    what_is_wrong_is_said("delete --forse=true web", "unknown option --forse=true",
                          "did you mean --force?");
    what_is_wrong_is_said("delete -x web", "unknown option -x",
                          "to list the options: zind-oci delete --help");
    what_is_wrong_is_said("start --force web", "unknown option --force",
                          "another command knows it: zind-oci delete --force ID");
    what_is_wrong_is_said("--log-frmat json state web", "unknown option --log-frmat",
                          "did you mean --log-format?");
    what_is_wrong_is_said("create web --bundle", "option --bundle requires an argument", "");
    what_is_wrong_is_said("exec -e", "option -e requires an argument", "");
    what_is_wrong_is_said("delete --force=yes web",
                          "--force=yes: only true or false may follow the =", "");
    what_is_wrong_is_said("state", "the container's ID is missing",
                          "to list the containers: zind-oci list");
    what_is_wrong_is_said("exec -t", "the container's ID is missing",
                          "to list the containers: zind-oci list");
    what_is_wrong_is_said("mounts", "add|remove is missing", "as in: zind-oci mounts add ID FILE");
    what_is_wrong_is_said("mounts add", "the container's ID is missing",
                          "as in: zind-oci mounts add ID FILE");
    what_is_wrong_is_said("mounts add web", "FILE is missing",
                          "as in: zind-oci mounts add ID FILE");
    what_is_wrong_is_said("start a b", "one argument too many: b", "as in: zind-oci start ID");
    what_is_wrong_is_said("list web", "one argument too many: web",
                          "for one container: zind-oci state web");
    what_is_wrong_is_said("kill web 9 10", "one argument too many: 10",
                          "for several containers: zind-oci kill --regex '^(ID|ID)$'");
}

static void a_wrong_word_does_not_hide_where_the_log_is(void)
{
    ok(parse("--log /l --log-format json create --no web") == -1, "a wrong option");
    is_str(line.log, "/l", "comes after --log");
    is_int(line.command, COMMAND_create, "and the command");
}

static void the_table_is_sound(void)
{
    for (size_t i = 0; i < n_option_rows; i++)
        for (size_t j = 0; j < i; j++) {
            const struct option_row *a = &option_rows[i], *b = &option_rows[j];
            bool clash = (a->commands & b->commands) &&
                         ((a->short_name && a->short_name == b->short_name) ||
                          (a->long_name[0] && strcmp(a->long_name, b->long_name) == 0));

            if (clash)
                ok(false, a->long_name[0] ? a->long_name : "a short option");
        }
    ok(n_option_rows > 30, "no command has two options of one name");
    for (int i = 0; i < COMMAND_NONE; i++)
        ok(command_find(commands[i].name) == (enum command_name)i, commands[i].name);
}

int main(void)
{
    a_value_may_stand_alone_or_after_an_equals_sign();
    a_flag_may_be_given_in_many_ways();
    a_value_that_looks_like_an_option_is_a_value();
    the_container_ends_the_options_of_exec_and_ps();
    options_after_the_container_are_options_elsewhere();
    repeated_options_are_all_kept();
    the_last_of_an_option_wins();
    numbers_are_strict();
    global_options_stand_before_the_command();
    version_and_help_need_no_command();
    errors_name_the_word_and_the_nearest_known_one();
    a_wrong_word_does_not_hide_where_the_log_is();
    the_table_is_sound();
    arena_free(&arena);
    return done_testing();
}
