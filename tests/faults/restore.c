// SPDX-License-Identifier: Apache-2.0
// The cases of restore: up to where criu begins on every kernel, with an empty directory of images;
// then with images, where criu can.
#include "faults.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Until the case is over somebody has to have both ends open. A pipe, since criu insists on the
// size of a file.
static int open_output(struct scene *s)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        scene_fail(s, "pipe: %m");
    return ends[1];
}

static void call(struct scene *s, const char *const words[], const char *command)
{
    const int out = open_output(s);

    runtime_wait(s, runtime_spawn(s, words, out, out), command);
    close(out);
}

static void needs_criu(struct scene *s)
{
    char said[OUTPUT_MAX];

    if (program_run((const char *const[]){ "criu", "--version", NULL }, said, sizeof(said)) != 0)
        scene_skip(s, "needs criu");
}

// Its own checks end before they begin where it does not understand the vDSO.
static void needs_known_kernel(struct scene *s)
{
    char said[OUTPUT_MAX];

    (void)program_run((const char *const[]){ "criu", "check", NULL }, said, sizeof(said));
    if (strstr(said, "kerndat_vdso_fill_symtable failed"))
        scene_skip(s, "criu does not know this kernel");
}

// Those of the plain configuration, once for all cases.
void play_images(struct scene *s)
{
    char images[PATH_MAX], log[PATH_MAX];

    needs_criu(s);
    needs_known_kernel(s);
    configurations_make(s, "plain", IDLE);
    call(s, (const char *const[]){ "run", "--detach", "--bundle", s->bundle, s->id, NULL }, "run");
    expect_status(s, 0);
    runtime_run(s, "checkpoint", "--image-path", scene_path(s, images, "images"), s->id);
    if (s->status != 0) {
        output_add_file(s, scene_path(s, log, "images/dump.log"));
        scene_fail(s, "no images could be made");
    }
    delete_leaves_nothing(s);
}

// Where to restore from.
static void find_images(struct scene *s, char out[PATH_MAX])
{
    char name[32];

    if (!s->test->restores) {
        needs_criu(s);
        configurations_make(s, configurations_find(s), NO_HOOKS);
        if (mkdir(scene_path(s, out, "images"), 0755) < 0)
            scene_fail(s, "mkdir %s: %m", out);
        return;
    }
    if (s->setting->images->verdict == SKIPPED)
        scene_skip(s, s->setting->images->text);
    if (s->setting->images->verdict != OK)
        scene_fail(s, "there are no images: %s", s->setting->images->text);
    snprintf(name, sizeof(name), "/%05d/images", 0);
    snprintf(out, PATH_MAX, "%.2000s%s", s->setting->directory, name);
    configurations_make(s, configurations_find(s), IDLE);
}

void play_restore(struct scene *s)
{
    char images[PATH_MAX], work[PATH_MAX], fault[128];

    find_images(s, images);
    fault_set(s, fault);
    setenv("ZIND_FAULT", fault, 1);
    call(s,
         (const char *const[]){ "--log", s->log, "restore", "--detach", "--bundle", s->bundle,
                                "--pid-file", s->pid_file, "--image-path", images, "--work-path",
                                scene_path(s, work, "work"), s->id, NULL },
         "restore");
    unsetenv("ZIND_FAULT");
    s->output[0] = '\0';
    output_add_file(s, s->log);
    s->failed = s->status == 0 ? NULL : "restore";
    ends_expect(s);
    if (s->test->fault == FAIL) {
        expect_nothing_left(s, "a failed restore");
        expect_no_pid_file(s, s->pid_file);
    }
    delete_leaves_nothing(s);
}
