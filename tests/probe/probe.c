// SPDX-License-Identifier: Apache-2.0
// The program that runs inside a container and reports what it sees: finds the probe, runs it.
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct probe {
    const char *word;
    probe_function *function;
    const char *prints;
} probes[] = {
#define PROBE(word, function, prints) { word, function, prints },
#include "probes.def"
#undef PROBE
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct probe *probe_find(const char *word)
{
    for (size_t i = 0; i < COUNT(probes); i++)
        if (!strcmp(probes[i].word, word))
            return &probes[i];
    return NULL;
}

static int usage(const char *unknown)
{
    fprintf(stderr, "probe: %s: no such probe; there are\n", unknown);
    for (size_t i = 0; i < COUNT(probes); i++)
        fprintf(stderr, "  %-12s %s\n", probes[i].word, probes[i].prints);
    return 2;
}

// The errors a container's set-up can cause; the names are the interface of the tests.
const char *errno_name(int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
#define NAME(error) { error, #error }
        NAME(EPERM),  NAME(ENOENT),  NAME(ESRCH),     NAME(EINTR),      NAME(EIO),
        NAME(ENXIO),  NAME(E2BIG),   NAME(EBADF),     NAME(ECHILD),     NAME(EAGAIN),
        NAME(ENOMEM), NAME(EACCES),  NAME(EBUSY),     NAME(EEXIST),     NAME(EXDEV),
        NAME(ENODEV), NAME(ENOTDIR), NAME(EISDIR),    NAME(EROFS),      NAME(EINVAL),
        NAME(EMFILE), NAME(ENOTTY),  NAME(ETXTBSY),   NAME(EFBIG),      NAME(EMLINK),
        NAME(ENOSPC), NAME(ENOSYS),  NAME(ELOOP),     NAME(EOPNOTSUPP), NAME(ENOEXEC),
        NAME(EFAULT), NAME(ENODATA), NAME(EOVERFLOW), NAME(EDQUOT),     NAME(ENAMETOOLONG),
#undef NAME
    };
    static char other[24];

    for (size_t i = 0; i < COUNT(names); i++)
        if (names[i].number == number)
            return names[i].name;
    snprintf(other, sizeof(other), "errno-%d", number);
    return other;
}

int answer(int result)
{
    puts(result < 0 ? errno_name(errno) : "ok");
    return result < 0 ? 1 : 0;
}

int print_file(const char *path, const char *prefix)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    int error = 0;

    if (!file)
        return errno;
    errno = 0;
    while (getline(&line, &size, file) > 0)
        printf("%s%s", prefix, line);
    if (ferror(file))
        error = errno;
    free(line);
    fclose(file);
    return error;
}

const char *status_field(const char *field)
{
    static char line[4096];
    FILE *file = fopen("/proc/self/status", "re");
    const char *value = "-";
    size_t length = strlen(field);

    if (!file)
        return value;
    while (fgets(line, sizeof(line), file)) {
        if (strncmp(line, field, length) || line[length] != ':')
            continue;
        line[strcspn(line, "\n")] = '\0';
        value = line + length + 1 + strspn(line + length + 1, "\t ");
        break;
    }
    fclose(file);
    return value;
}

int probe_true(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int probe_false(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return 1;
}

int probe_exit(int argc, char **argv)
{
    return argc > 0 ? atoi(argv[0]) : 2;
}

int probe_each(int argc, char **argv)
{
    int worst = 0;

    for (int i = 0; i < argc; i++) {
        const struct probe *probe = probe_find(argv[i]);
        int status = probe ? probe->function(0, argv + argc) : usage(argv[i]);

        if (status > worst)
            worst = status;
    }
    return worst;
}

int main(int argc, char **argv)
{
    const struct probe *probe = argc > 1 ? probe_find(argv[1]) : NULL;

    // A reader at the other end of a pipe must see "ready" at once.
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!probe)
        return usage(argc > 1 ? argv[1] : "(none)");
    return probe->function(argc - 2, argv + 2);
}
