// SPDX-License-Identifier: Apache-2.0
/* What people type who know other container programs, and the command that does it here. */
#include "commands/hints.h"

#include "base/suggest.h"
#include "base/text.h"
#include "commands/signal-names.h"
#include "kernel/userns.h"

#include <stdio.h>
#include <string.h>

/* --- commands --- */

static const struct {
    const char *name, *hint;
} foreign_commands[] = {
    { "rm", "to delete a container: zind-oci delete ID" },
    { "remove", "to delete a container: zind-oci delete ID" },
    { "destroy", "to delete a container: zind-oci delete ID" },
    { "prune", "to delete a container: zind-oci delete ID" },
    { "stop", "to end the program: zind-oci kill ID TERM" },
    { "shutdown", "to end the program: zind-oci kill ID TERM" },
    { "terminate", "to end the program: zind-oci kill ID TERM" },
    { "signal", "to send a signal: zind-oci kill ID SIGNAL" },
    { "restart", "zind-oci delete --force ID, then zind-oci run ID" },
    { "ls", "to list the containers: zind-oci list" },
    { "containers", "to list the containers: zind-oci list" },
    { "inspect", "to print what is known of a container: zind-oci state ID" },
    { "status", "to print what is known of a container: zind-oci state ID" },
    { "show", "to print what is known of a container: zind-oci state ID" },
    { "top", "to list the processes of a container: zind-oci ps ID" },
    { "stats", "to print what a container uses: zind-oci events --stats ID" },
    { "attach", "to run a shell in a container: zind-oci exec -t ID sh" },
    { "enter", "to run a shell in a container: zind-oci exec -t ID sh" },
    { "shell", "to run a shell in a container: zind-oci exec -t ID sh" },
    { "sh", "to run a shell in a container: zind-oci exec -t ID sh" },
    { "unpause", "to let a paused container go on: zind-oci resume ID" },
    { "thaw", "to let a paused container go on: zind-oci resume ID" },
    { "freeze", "to freeze a container: zind-oci pause ID" },
    { "mount", "to add mounts to a container: zind-oci mounts add ID FILE" },
    { "umount", "to remove mounts from a container: zind-oci mounts remove ID FILE" },
    { "unmount", "to remove mounts from a container: zind-oci mounts remove ID FILE" },
    { "init", "to write a config.json to start from: zind-oci spec" },
    { "check", "to check a config.json: zind-oci validate" },
    { "info", "to print what this runtime can do: zind-oci features" },
    { "version", "to print the version: zind-oci --version" },
    { "logs", "zind-oci keeps no output: run prints it; for a file: zind-oci run ID >FILE" },
    { "pull", "zind-oci handles no images; unpack one into rootfs, then: zind-oci spec" },
    { "build", "zind-oci handles no images; unpack one into rootfs, then: zind-oci spec" },
    { "images", "zind-oci handles no images; unpack one into rootfs, then: zind-oci spec" },
};

void hint_command(const char *name, struct error *why)
{
    struct suggestion nearest = suggestion_for(name, strlen(name));

    for (size_t i = 0; i < sizeof foreign_commands / sizeof *foreign_commands; i++)
        if (strcmp(foreign_commands[i].name, name) == 0)
            (void)fail_hint(why, "%s", foreign_commands[i].hint);
    if (name[0] == '/' || name[0] == '.')
        (void)fail_hint(why, "to run the bundle in a directory: zind-oci run -b DIR ID");
    for (int i = 0; i < COMMAND_NONE; i++)
        suggestion_try(&nearest, commands[i].name);
    if (nearest.best)
        (void)fail_hint(why, "did you mean %s?", nearest.best);
    (void)fail_hint(why, "to list the commands: zind-oci --help");
}

/* --- options --- */

enum { MAKERS = ON(create) | ON(run) };

#define IN_CONFIG(what) "create and run take this from config.json: " what

/* clang-format off */
static const struct {
    uint32_t commands;
    const char *names; /* between spaces */
    const char *hint;
} foreign_options[] = {
    { MAKERS, " i t it ti interactive tty terminal ", IN_CONFIG("\"process\": {\"terminal\": true}") },
    { MAKERS, " e env env-file ", IN_CONFIG("\"process\": {\"env\": [\"NAME=VALUE\"]}") },
    { MAKERS, " u user ", IN_CONFIG("\"process\": {\"user\": {\"uid\": 1000, \"gid\": 1000}}") },
    { MAKERS, " w workdir cwd ", IN_CONFIG("\"process\": {\"cwd\": \"/DIR\"}") },
    { MAKERS, " v volume mount tmpfs ", IN_CONFIG("an object of \"mounts\"") },
    { MAKERS, " h hostname ", IN_CONFIG("\"hostname\": \"NAME\"") },
    { MAKERS, " m memory cpus pids-limit cpu-shares ", IN_CONFIG("\"linux\": {\"resources\": {}}") },
    { MAKERS, " cap-add cap-drop cap privileged ", IN_CONFIG("\"process\": {\"capabilities\": {}}") },
    { MAKERS, " read-only ", IN_CONFIG("\"root\": {\"readonly\": true}") },
    { MAKERS, " entrypoint ", IN_CONFIG("\"process\": {\"args\": [\"PROGRAM\"]}") },
    { MAKERS, " p publish net network ",
      "zind-oci sets up no network: a createRuntime hook of config.json can" },
    { MAKERS, " name id n ", "the name stands alone: zind-oci run NAME" },
    { ON(run), " rm ", "run deletes the container at its end anyway: zind-oci run ID" },
    { ON(create), " d detach ", "create never waits for the program; to run it: zind-oci run -d ID" },
    { ON(start), " a attach i ", "to wait for the program: zind-oci run ID" },
    { ON(exec), " i it ti interactive ", "for a terminal: zind-oci exec -t ID PROGRAM" },
    { ON(exec), " w workdir ", "to choose the directory: zind-oci exec --cwd DIR ID PROGRAM" },
    { ON(exec), " cap-add ", "to add a capability: zind-oci exec --cap CAP_NAME ID PROGRAM" },
    { ON(exec), " privileged ", "to add a capability: zind-oci exec --cap CAP_NAME ID PROGRAM" },
    { ON(list), " a all ", "list shows every container: zind-oci list" },
    { ON(list), " json ", "for JSON: zind-oci list --format json" },
    { ON(ps), " json ", "for JSON: zind-oci ps --format json ID" },
    { ON(validate), " json ", "for JSON: zind-oci validate --format json" },
    { ON(state) | ON(features) | ON(events), " json f format ", "the output is JSON without it" },
    { ON(delete), " a all ", "for every container: zind-oci delete --regex ." },
    { ON(update), " m ", "to limit the memory: zind-oci update --memory SIZE ID" },
    { ON(update), " cpus ", "for half a CPU: zind-oci update --cpu-period 100000 --cpu-quota 50000 ID" },
    { ON(spec), " o output ", "to choose the file: zind-oci spec --file FILE" },
    { GLOBAL, " D verbose ", "to log more: zind-oci --debug COMMAND" },
};
/* clang-format on */

static bool has_word(const char *words, const char *word, size_t length)
{
    for (const char *at = words + 1; *at; at += strcspn(at, " ") + 1)
        if (strcspn(at, " ") == length && memcmp(at, word, length) == 0)
            return true;
    return false;
}

static void hint_foreign_option(enum command_name command, const char *name, size_t length,
                                struct error *why)
{
    for (size_t i = 0; i < sizeof foreign_options / sizeof *foreign_options; i++)
        if ((foreign_options[i].commands & 1u << command) &&
            has_word(foreign_options[i].names, name, length))
            (void)fail_hint(why, "%s", foreign_options[i].hint);
}

/* kill -9 ID, kill -KILL ID, kill -s KILL ID: the spellings of kill(1). */
static void hint_signal(const char *word, char *const *next, struct error *why)
{
    const char *name = word + strspn(word, "-"), *value = strchr(name, '=');
    size_t length = strcspn(name, "=");
    int signal;

    if (signal_parse(name, &signal))
        (void)fail_hint(why, "the signal follows the ID: zind-oci kill ID %.16s", name);
    if (!has_word(" s n signal ", name, length))
        return;
    value = value ? value + 1 : *next;
    (void)fail_hint(why, "the signal follows the ID: zind-oci kill ID %.16s",
                    value && signal_parse(value, &signal) ? value : "SIGNAL");
}

static bool is_called(const struct option_row *row, const char *name, size_t length)
{
    return (length == 1 && row->short_name == name[0]) ||
           (length > 0 && strlen(row->long_name) == length &&
            memcmp(row->long_name, name, length) == 0);
}

/* "zind-oci run -b DIR": how the option is given with a command that knows it. */
static void hint_command_line(const struct option_row *row, enum command_name command,
                              const char *reason, struct error *why)
{
    const char *arguments = commands[command].arguments;

    (void)fail_hint(why, "%s: zind-oci %s --%s%s%s%s%s", reason, commands[command].name,
                    row->long_name, row->argument[0] ? " " : "", row->argument,
                    arguments[0] ? " " : "", arguments);
}

/* The command that follows, where it knows the option; COMMAND_NONE where none does. */
static enum command_name command_after(const struct option_row *row, char *const *next)
{
    for (; *next; next++) {
        enum command_name command = command_find(*next);

        if (command != COMMAND_NONE)
            return row->commands & 1u << command ? command : COMMAND_NONE;
    }
    return COMMAND_NONE;
}

/* Another command, or none, has an option of this name. */
static void hint_place(enum command_name command, const char *name, size_t length,
                       char *const *next, struct error *why)
{
    for (size_t i = 0; i < n_option_rows; i++) {
        const struct option_row *row = &option_rows[i];
        enum command_name other = COMMAND_NONE;

        if (!is_called(row, name, length) || !row->long_name[0])
            continue;
        if (row->commands & GLOBAL) {
            (void)fail_hint(why, "it stands before the command: zind-oci --%s%s%s %s",
                            row->long_name, row->argument[0] ? " " : "", row->argument,
                            commands[command].name);
            return;
        }
        if (command == COMMAND_NONE)
            other = command_after(row, next);
        if (other != COMMAND_NONE)
            hint_command_line(row, other, "it stands after the command", why);
    }
}

/* The first command that knows the option. */
static void hint_owner(const char *name, size_t length, struct error *why)
{
    for (size_t i = 0; i < n_option_rows; i++)
        for (int command = 0; command < COMMAND_NONE; command++)
            if (is_called(&option_rows[i], name, length) && option_rows[i].long_name[0] &&
                (option_rows[i].commands & 1u << command)) {
                hint_command_line(&option_rows[i], (enum command_name)command,
                                  "another command knows it", why);
                return;
            }
}

static void hint_nearest(enum command_name command, const char *name, size_t length,
                         struct error *why)
{
    struct suggestion nearest = suggestion_for(name, length);

    for (size_t i = 0; i < n_option_rows; i++)
        if (option_rows[i].commands & 1u << command)
            suggestion_try(&nearest, option_rows[i].long_name);
    if (nearest.best)
        (void)fail_hint(why, "did you mean --%s?", nearest.best);
}

void hint_option(enum command_name command, const char *word, char letter, char *const *next,
                 struct error *why)
{
    const char *name = word + strspn(word, "-");
    size_t length = strcspn(name, "=");

    if (command == COMMAND_kill)
        hint_signal(word, next, why);
    hint_foreign_option(command, name, length, why);
    hint_place(command, name, length, next, why);
    if (letter) {
        hint_foreign_option(command, &letter, 1, why);
        hint_place(command, &letter, 1, next, why);
    }
    hint_nearest(command, name, length, why);
    hint_owner(name, length, why);
    if (command == COMMAND_NONE)
        (void)fail_hint(why, "to list the options: zind-oci --help");
    else
        (void)fail_hint(why, "to list the options: zind-oci %s --help", commands[command].name);
}

/* --- arguments --- */

void hint_missing(const struct command_line *line, struct error *why)
{
    const char *first = line->n_args > 0 ? line->args[0] : "";
    bool is_verb = strcmp(first, "add") == 0 || strcmp(first, "remove") == 0;

    if (line->command == COMMAND_mounts)
        (void)fail_hint(why, "as in: zind-oci mounts %s %s FILE", is_verb ? first : "add",
                        !is_verb && text_is_id(first) ? first : "ID");
    else if (1u << line->command & (MAKERS | ON(restore)))
        (void)fail_hint(why, "choose a name, as in: zind-oci %s web", commands[line->command].name);
    else
        (void)fail_hint(why, "to list the containers: zind-oci list");
}

/* Commands that take a directory or a file by an option. */
static void hint_file(const struct command_line *line, const char *file, struct error *why)
{
    bool is_json = strlen(file) > 5 && strcmp(file + strlen(file) - 5, ".json") == 0;

    (void)fail_hint(why, "an option names the %s: zind-oci %s %s %s", is_json ? "file" : "bundle",
                    commands[line->command].name, is_json ? "-f" : "-b", file);
}

void hint_surplus(const struct command_line *line, struct error *why)
{
    const char *id = line->n_args > 0 && text_is_id(line->args[0]) ? line->args[0] : "ID";
    const char *name = commands[line->command].name;

    switch (line->command) {
    case COMMAND_create:
    case COMMAND_run:
        (void)fail_hint(why,
                        "config.json names the program (process.args); to run another in a "
                        "running container: zind-oci exec %.64s PROGRAM",
                        id);
        break;
    case COMMAND_validate:
    case COMMAND_spec:
        hint_file(line, line->args[0], why);
        break;
    case COMMAND_list:
        (void)fail_hint(why, "for one container: zind-oci state %.64s", id);
        break;
    case COMMAND_features:
        (void)fail_hint(why, "it takes none: zind-oci features");
        break;
    case COMMAND_kill:
    case COMMAND_delete:
        (void)fail_hint(why, "for several containers: zind-oci %s --regex '^(ID|ID)$'", name);
        break;
    default:
        (void)fail_hint(why, "as in: zind-oci %s %s", name, commands[line->command].arguments);
    }
}

/* --- values, and failures --- */

void hint_value(const char *value, const char *const known[], struct error *why)
{
    struct suggestion nearest = suggestion_for(value, strlen(value));

    for (; *known; known++)
        suggestion_try(&nearest, *known);
    if (nearest.best)
        (void)fail_hint(why, "did you mean %s?", nearest.best);
}

/* Both keep an ordinary user from any container: a state root in /run, and namespaces without a
   user namespace. */
static void hint_not_root(const char *root, struct error *why)
{
    bool is_denied = why->number == EACCES || why->number == EPERM;

    if (!is_denied || userns_caller_is_root())
        return;
    if (strcmp(why->step, "state_claim") == 0)
        (void)fail_hint(why,
                        "not root? set XDG_RUNTIME_DIR or give --root DIR: the state is kept in "
                        "%.64s; for the config.json: zind-oci spec --rootless",
                        root);
    if (strcmp(why->step, "init_spawn") != 0)
        return;
    /* What the step says does not know the command. */
    why->hint[0] = 0;
    (void)fail_hint(why, "not root? add a user namespace with id mappings, as in the config.json "
                         "of: zind-oci spec --rootless");
}

void hint_failure(const char *root, const struct command_line *line, struct error *why)
{
    const char *first = line->n_args > 0 ? line->args[0] : "";

    if (1u << line->command & MAKERS && strchr(first, '/'))
        (void)fail_hint(why, "an option names the bundle: zind-oci %s -b %s ID",
                        commands[line->command].name, first);
    hint_not_root(root, why);
}
