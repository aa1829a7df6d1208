// SPDX-License-Identifier: Apache-2.0
// Plays the matrix of faults, or those cases of it that were asked for.
#include "faults.h"

#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t keep_matching(struct test *tests, size_t n, const char *regex)
{
    size_t kept = 0;
    regex_t compiled;

    if (regcomp(&compiled, regex, REG_EXTENDED | REG_NOSUB) != 0) {
        fprintf(stderr, "no regular expression: %s\n", regex);
        exit(2);
    }
    for (size_t i = 0; i < n; i++)
        if (regexec(&compiled, tests[i].name, 0, NULL, 0) == 0)
            tests[kept++] = tests[i];
    regfree(&compiled);
    return kept;
}

static int usage(void)
{
    fprintf(
        stderr,
        "usage: faults [-f REGEX] [-j N] [-l] DIRECTORY\n"
        "-f  only the cases whose names match\n"
        "-j  so many at a time, if not one for each processor\n"
        "-l  list the names of the cases\n"
        "In DIRECTORY: \"configurations\", which configurations.jq made. ZIND_OCI: the runtime.\n");
    return 2;
}

static void *share(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED) {
        perror("mmap");
        exit(EXIT_FAILURE);
    }
    return at;
}

static void set_up(struct setting *setting, const struct result *images, const char *directory)
{
    sigset_t signals;

    // Some are waited for, none is to end us half-way.
    sigemptyset(&signals);
    for (const int *at = (const int[]){ SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0 }; *at; at++)
        sigaddset(&signals, *at);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    umask(022);
    unsetenv("ZIND_FAULT");
    setting->runtime = getenv("ZIND_OCI");
    setting->patient = getenv("ZIND_SLOW") && *getenv("ZIND_SLOW");
    setting->pid = getpid();
    (void)getrandom(&setting->chance, sizeof(setting->chance), 0);
    setting->images = images;
    if (!setting->runtime || !realpath(directory, setting->directory)) {
        fprintf(stderr, "ZIND_OCI and %s have to be there\n", directory);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    size_t n, jobs = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    struct test *tests = tests_list(&n);
    char configurations[PATH_MAX];
    struct setting setting = { 0 };
    bool only_list = false;
    struct result *results;
    int option;

    while ((option = getopt(argc, argv, "f:j:l")) != -1) {
        if (option == 'f')
            n = keep_matching(tests, n, optarg);
        else if (option == 'j')
            jobs = strtoul(optarg, NULL, 10);
        else if (option == 'l')
            only_list = true;
        else
            return usage();
    }
    for (size_t i = 0; only_list && i < n; i++)
        puts(tests[i].name);
    if (only_list)
        return 0;
    if (optind + 1 != argc || jobs < 1)
        return usage();
    results = share((n + 1) * sizeof(*results));
    set_up(&setting, &results[0], argv[optind]);
    snprintf(configurations, sizeof(configurations), "%.4000s/configurations", argv[optind]);
    if (geteuid() == 0 && !configurations_load(configurations))
        return 2;
    return dispatch(&setting, tests, n, jobs, results) ? 0 : 1;
}
