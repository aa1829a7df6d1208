// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over its seeds without libFuzzer, as a test: $srcdir/tests/fuzz/seeds/SEEDS,
// or the files and folders on the command line.
#include "../unit/tap.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void run_file(const char *path)
{
    FILE *file = fopen(path, "re");
    size_t len = 0, room = 1 << 16;
    uint8_t *data = malloc(room);
    while (file && data) {
        len += fread(data + len, 1, room - len, file);
        if (len < room)
            break;
        room *= 2;
        uint8_t *fresh = realloc(data, room);
        if (!fresh)
            free(data);
        data = fresh;
    }
    if (file && data)
        LLVMFuzzerTestOneInput(data, len);
    ok(file && data, path);
    if (file)
        fclose(file);
    free(data);
}

static void run(const char *path)
{
    char below[4096];
    DIR *folder = opendir(path);
    if (!folder) {
        run_file(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            run_file(below);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    char seeds[4096];
    const char *top = getenv("srcdir");
    for (int i = 1; i < argc; i++)
        run(argv[i]);
    if (argc == 1) {
        snprintf(seeds, sizeof seeds, "%s/tests/fuzz/seeds/" SEEDS, top ? top : ".");
        run(seeds);
    }
    ok(tap_run > 0, "there are seeds");
    return done_testing();
}
