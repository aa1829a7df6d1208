// SPDX-License-Identifier: Apache-2.0
/* zind-oci list */
#include "base/own.h"
#include "base/text.h"
#include "commands/ago.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/output.h"
#include "commands/report.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

enum column { ID, PID, STATUS, BUNDLE, CREATED, OWNER, COLUMNS };

enum { GAP = 3, TERMINAL_GAP = 2, TERMINAL_WIDTH = 80, SHORTEST = 12, AGO_ROOM = 32 };

/* How the table looks. */
struct layout {
    int terminal; /* its width; 0: stdout is none, and programs may read what we print */
    time_t now;
    int width[COLUMNS];
};

struct row {
    char pid[16], created[AGO_ROOM];
    const char *at[COLUMNS];
};

static void fill_row(const struct snapshot *snapshot, const struct layout *layout, struct row *ret)
{
    (void)snprintf(ret->pid, sizeof ret->pid, "%d", (int)snapshot->pid);
    ret->at[ID] = snapshot->id;
    ret->at[PID] = ret->pid;
    ret->at[STATUS] = status_name(snapshot->status);
    ret->at[BUNDLE] = snapshot->bundle;
    ret->at[CREATED] = snapshot->created;
    ret->at[OWNER] = snapshot->owner;
    if (layout->terminal &&
        ago_format(snapshot->created, layout->now, ret->created, sizeof ret->created))
        ret->at[CREATED] = ret->created;
}

static int gap(const struct layout *layout)
{
    return layout->terminal ? TERMINAL_GAP : GAP;
}

/* Only what layout_fit has made narrower is cut: of a path the end says most, of an id or a name
   the beginning. */
static void print_cell(const char *text, enum column column, const struct layout *layout)
{
    int width = layout->width[column], length = (int)strlen(text), pad = gap(layout);

    if (length > width && column == BUNDLE) {
        text += length - (width - 3);
        /* Not from within a character. */
        for (; (*text & 0xc0) == 0x80; text++)
            pad++;
        (void)printf("...%s%*s", text, pad, "");
    } else if (length > width) {
        (void)printf("%.*s...%*s", width - 3, text, pad, "");
    } else {
        (void)printf("%-*s", width + pad, text);
    }
}

static void print_row(const char *const row[COLUMNS], const struct layout *layout)
{
    for (int c = 0; c < COLUMNS - 1; c++)
        print_cell(row[c], (enum column)c, layout);
    (void)puts(row[COLUMNS - 1]);
}

static int excess(const struct layout *layout)
{
    int sum = (COLUMNS - 1) * gap(layout);

    for (int c = 0; c < COLUMNS; c++)
        sum += layout->width[c];
    return sum - layout->terminal;
}

/* Bundles give way first, then ids; the rest is short. */
static void layout_fit(struct layout *layout)
{
    static const enum column order[] = { BUNDLE, ID };

    for (size_t i = 0; layout->terminal && i < sizeof order / sizeof *order; i++) {
        int *width = &layout->width[order[i]], narrow = *width - excess(layout);

        if (narrow < SHORTEST)
            narrow = SHORTEST;
        if (narrow < *width)
            *width = narrow;
    }
}

static int terminal_width(void)
{
    struct winsize size = { 0 };

    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
                                                                       : TERMINAL_WIDTH;
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
    struct layout layout = { .terminal = terminal_width(), .now = time(NULL) };
    struct row row;

    if (make_printable(all, arena) < 0)
        return fail(why, ENOMEM, "list the containers");
    for (int c = 0; c < COLUMNS; c++)
        layout.width[c] = (int)strlen(heads[c]);
    for (size_t i = 0; i < all->n; i++) {
        fill_row(&all->at[i], &layout, &row);
        for (int c = 0; c < COLUMNS; c++)
            if ((int)strlen(row.at[c]) > layout.width[c])
                layout.width[c] = (int)strlen(row.at[c]);
    }
    layout_fit(&layout);
    print_row(heads, &layout);
    for (size_t i = 0; i < all->n; i++) {
        fill_row(&all->at[i], &layout, &row);
        print_row(row.at, &layout);
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
