// SPDX-License-Identifier: Apache-2.0
/* What stood in cgroup files before they were changed, and the way back to it. */
#include "cgroup/limits/journal.h"
#include "base/log.h"
#include "base/own.h"
#include "base/text.h"
#include "cgroup/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A line for each device in some files, thousands of cpus in others. */
enum { CONTENT_MAX = 16384 };

/* "8:0 rbps=1", "mlx5_0 hca_handle=2", "eth0 5": the first word says which line is meant. */
static size_t key_length(const char *value)
{
    size_t length = strcspn(value, " ");

    /* "max 100000" of cpu.max */
    return value[length] && !text_starts(value, "max ") &&
                   (value[0] < '0' || value[0] > '9' || memchr(value, ':', length))
               ? length
               : 0;
}

static char *line_of(const char *content, const char *value, size_t length)
{
    for (const char *line = content; *line;) {
        size_t end = strcspn(line, "\n");

        if (strncmp(line, value, length) == 0 && line[length] == ' ')
            return strndup(line, end);
        line += end + (line[end] == '\n');
    }
    return NULL;
}

/* What a key that has no line means. */
static const char *neutral(const char *file)
{
    if (strcmp(file, "io.max") == 0)
        return "rbps=max wbps=max riops=max wiops=max";
    if (strcmp(file, "rdma.max") == 0)
        return "hca_handle=max hca_object=max";
    if (text_starts(file, "blkio.throttle."))
        return "0";
    return strstr(file, "weight") ? "default" : NULL;
}

char *journal_way_back(const char *file, const char *content, const char *value)
{
    size_t length = key_length(value);
    /* What some files say of themselves before the number. */
    static const char *const labels[] = { "default ", "oom_kill_disable " };
    char *line;

    if (length) {
        const char *word = neutral(file);

        line = line_of(content, value, length);
        if (line || word == NULL)
            return line ? line : strdup("");
        return asprintf(&line, "%.*s %s", (int)length, value, word) < 0 ? NULL : line;
    }
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (text_starts(content, labels[i]))
            content += strlen(labels[i]);
    /* An empty cpuset of v2 is one without a limit; nothing but a line can say so. */
    return content[0] ? strndup(content, strcspn(content, "\n")) : strdup("\n");
}

static char *look(struct writing *w, const char *file, const char *value)
{
    char content[CONTENT_MAX];
    int folder = writing_folder(w);

    if (folder < 0 || folder_read(folder, file, content, sizeof content) < 0)
        return strdup("");
    return journal_way_back(file, content, value);
}

static char *look_effective(struct writing *w)
{
    char file[sizeof w->file + sizeof ".effective"], content[CONTENT_MAX];
    int folder = text_starts(w->file, "cpuset.") ? writing_folder(w) : -1;

    (void)snprintf(file, sizeof file, "%s.effective", w->file);
    if (folder < 0 || folder_read(folder, file, content, sizeof content) < 0 || content[0] == '\n')
        return NULL;
    return strndup(content, strcspn(content, "\n"));
}

int journal_note(struct journal *journal, struct writing *w)
{
    struct journal_entry *entry;

    /* Write-only, and part of a whole: whoever goes back knows the rules that held. */
    if (text_starts(w->file, "devices."))
        return 0;
    if (journal->n == journal->room) {
        size_t room = journal->room ? 2 * journal->room : 16;
        struct journal_entry *more = realloc(journal->at, room * sizeof *more);

        if (more == NULL)
            return errno = ENOMEM, -1;
        journal->at = more;
        journal->room = room;
    }
    entry = &journal->at[journal->n];
    *entry = (struct journal_entry){ .hierarchy = w->hierarchy };
    memcpy(entry->file, w->file, sizeof entry->file);
    entry->before = look(w, w->file, w->value);
    if (entry->before == NULL)
        return errno = ENOMEM, -1;
    if (entry->before[0] == '\n')
        entry->effective = look_effective(w);
    journal->n++;
    return 0;
}

static int write_back(const struct journal_entry *entry, struct writing *w)
{
    autofree char *now = NULL;

    if (entry->before[0] == 0)
        return errno = ENODATA, -1;
    w->hierarchy = entry->hierarchy;
    close_fd(&w->file_fd);
    now = look(w, entry->file, entry->before);
    if (now && strcmp(now, entry->before) == 0)
        return 0;

    int folder = writing_folder(w);

    if (folder < 0)
        return -1;
    if (folder_write(folder, entry->file, entry->before) == 0)
        return 0;
    return errno == ENOSPC && entry->effective ? folder_write(folder, entry->file, entry->effective)
                                               : -1;
}

void journal_restore(struct journal *journal, struct writing *w)
{
    for (size_t i = journal->n; i-- > 0;)
        journal->at[i].is_late = write_back(&journal->at[i], w) < 0;
    /* What the limits still in force forbade */
    for (size_t i = journal->n; i-- > 0;)
        if (journal->at[i].is_late && write_back(&journal->at[i], w) < 0 && w->log)
            log_warning(w->log, "%s may have changed, and could not be set back to \"%s\": %s",
                        journal->at[i].file, journal->at[i].before, strerror(errno));
}

void journal_free(struct journal *journal)
{
    for (size_t i = 0; i < journal->n; i++) {
        free(journal->at[i].before);
        free(journal->at[i].effective);
    }
    free(journal->at);
    *journal = (struct journal){ 0 };
}
