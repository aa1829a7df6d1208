// SPDX-License-Identifier: Apache-2.0
/* zind-oci list */
#include "base/own.h"
#include "base/text.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/output.h"
#include "commands/report.h"

#include <stdio.h>
#include <string.h>

struct snapshots {
    size_t n;
    struct snapshot *at;
};

/* A container that is broken or half made must not hide the others; one that went away meanwhile is
 * no problem. */
static int read_all(const struct runtime *runtime, const struct state_names *names,
                    struct arena *arena, struct snapshots *ret, struct error *why)
{
    struct error skipped;

    ret->n = 0;
    ret->at = arena_alloc(arena, names->n * sizeof *ret->at);
    if (!ret->at)
        return fail(why, ENOMEM, "list the containers");
    for (size_t i = 0; i < names->n; i++) {
        if (state_snapshot(runtime, names->at[i], &ret->at[ret->n], arena, &skipped) == 0) {
            ret->n++;
        } else if (error_is_shortage(skipped.number)) {
            *why = skipped;
            return -1;
        } else if (skipped.code != ERROR_ABSENT) {
            char text[1024];

            error_format(&skipped, text, sizeof text);
            log_warning(runtime->log, "list: %s is left out: %s", names->at[i], text);
        }
    }
    return 0;
}

static int print_ids(const struct state_names *names, struct error *why)
{
    for (size_t i = 0; i < names->n; i++)
        (void)puts(names->at[i]);
    return output_flush(why);
}

/* null, not [], where there is none: as runc, whose callers decode it into a Go slice. */
static int print_json(const struct snapshots *all, struct error *why)
{
    if (all->n == 0)
        return output_text("null\n", why);
    for (size_t i = 0; i < all->n; i++) {
        struct oci_report report = report_of(&all->at[i]);
        autofree char *text = output_encode(&oci_report_object, &report, false, why);

        if (!text)
            return -1;
        (void)printf("%s%s", i == 0 ? "[" : ",", text);
    }
    (void)puts("]");
    return output_flush(why);
}

enum { COLUMNS = 6, GAP = 3 };

static void fill_row(const struct snapshot *snapshot, char pid[16], const char *ret[COLUMNS])
{
    (void)snprintf(pid, 16, "%d", (int)snapshot->pid);
    ret[0] = snapshot->id;
    ret[1] = pid;
    ret[2] = status_name(snapshot->status);
    ret[3] = snapshot->bundle;
    ret[4] = snapshot->created;
    ret[5] = snapshot->owner;
}

static void print_row(const char *const row[COLUMNS], const int width[COLUMNS])
{
    for (int c = 0; c < COLUMNS - 1; c++)
        (void)printf("%-*s", width[c] + GAP, row[c]);
    (void)puts(row[COLUMNS - 1]);
}

/* The directory of a bundle may have any name. */
static int make_printable(const struct snapshots *all, struct arena *arena)
{
    for (size_t i = 0; i < all->n; i++) {
        char *bundle = arena_strdup(arena, all->at[i].bundle);

        if (bundle == NULL)
            return -1;
        text_make_printable(bundle);
        all->at[i].bundle = bundle;
    }
    return 0;
}

static int print_table(const struct snapshots *all, struct arena *arena, struct error *why)
{
    static const char *const heads[COLUMNS] = {
        "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"
    };
    const char *row[COLUMNS];
    int width[COLUMNS];
    char pid[16];

    if (make_printable(all, arena) < 0)
        return fail(why, ENOMEM, "list the containers");
    for (int c = 0; c < COLUMNS; c++)
        width[c] = (int)strlen(heads[c]);
    for (size_t i = 0; i < all->n; i++) {
        fill_row(&all->at[i], pid, row);
        for (int c = 0; c < COLUMNS; c++)
            if ((int)strlen(row[c]) > width[c])
                width[c] = (int)strlen(row[c]);
    }
    print_row(heads, width);
    for (size_t i = 0; i < all->n; i++) {
        fill_row(&all->at[i], pid, row);
        print_row(row, width);
    }
    return output_flush(why);
}

static int print_names(const struct runtime *runtime, const struct command_line *line,
                       const struct state_names *names, bool is_json, struct error *why)
{
    struct snapshots all;

    if (line->quiet)
        return print_ids(names, why);
    if (read_all(runtime, names, line->arena, &all, why) < 0)
        return -1;
    return is_json ? print_json(&all, why) : print_table(&all, line->arena, why);
}

int command_list(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    struct state_names names;
    bool is_json;
    int result;

    if (options_read_format(line, &is_json, why) < 0 || state_list(runtime, &names, why) < 0)
        return -1;
    result = print_names(runtime, line, &names, is_json, why);
    for (size_t i = 0; i < names.n; i++)
        free(names.at[i]);
    free(names.at);
    return result;
}
