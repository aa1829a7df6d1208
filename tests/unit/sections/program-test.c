// SPDX-License-Identifier: Apache-2.0
// Which program is found, with which environment, and what a failing execve is blamed on.
#include "check.h"
#include "sections/program.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/zind-program-XXXXXX";
static struct error why;

static const char *make(const char *name, const void *bytes, size_t length, mode_t mode)
{
    static char path[128];
    int fd;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length || fchmod(fd, mode) < 0)
        printf("Bail out! cannot write %s\n", path);
    (void)close(fd);
    return path;
}

static const char *make_text(const char *name, const char *text)
{
    return make(name, text, strlen(text), 0700);
}

/* What execve really says of the file is what is diagnosed. */
static void diagnose(const char *path, const char *text, const char *hint, const char *name)
{
    char *argv[] = { (char *)(uintptr_t)path, NULL };

    (void)execve(path, argv, argv + 1);
    (void)program_diagnose(path, path, errno, &why);
    if (!ok(strstr(why.text, text) && strstr(why.hint, hint) && why.code == ERROR_EXEC, name))
        printf("# got  %s / %s\n# want %s / %s\n", why.text, why.hint, text, hint);
}

static void make_elf(unsigned char elf[512], uint16_t machine, const char *loader)
{
    Elf64_Ehdr file = { .e_type = ET_EXEC,
                        .e_machine = machine,
                        .e_version = 1,
                        .e_phoff = sizeof file,
                        .e_phentsize = sizeof(Elf64_Phdr),
                        .e_phnum = 1,
                        .e_ehsize = sizeof file };
    Elf64_Phdr one = { .p_type = PT_INTERP, .p_offset = 256, .p_filesz = strlen(loader) + 1 };

    memset(elf, 0, 512);
    memcpy(file.e_ident, ELFMAG "\2\1\1", 7);
    memcpy(elf, &file, sizeof file);
    memcpy(elf + sizeof file, &one, sizeof one);
    memcpy(elf + 256, loader, strlen(loader));
}

static void post_mortem(void)
{
    unsigned char elf[512];

    diagnose("/no/such/file", "no such file or directory", "no /no/such/file",
             "a_missing_file_is_named");
    diagnose(make_text("script", "#!/no/interpreter -x\n"), "no such file or directory",
             "interpreter /no/interpreter is not", "a_missing_interpreter_is_named");
    diagnose(make_text("dos", "#!/bin/sh\r\necho\r\n"), "no such file or directory", "CR LF",
             "a_dos_line_end_is_told");
    diagnose(make_text("plain", "echo hello\n"), "exec format error", "#!/bin/sh",
             "a_script_without_a_first_line_is_told");
    diagnose(make_text("empty", ""), "exec format error", "empty", "an_empty_file_is_told");
    diagnose(make("mode", "#!/bin/sh\n", 10, 0600), "permission denied", "chmod +x",
             "a_file_that_is_not_executable_is_told");
    diagnose(folder, "is a directory", "", "a_folder_is_told");
    make_elf(elf, EM_X86_64 == EM_AARCH64 ? EM_386 : EM_X86_64, "/no/ld.so");
#ifdef __x86_64__
    diagnose(make("elf", elf, sizeof elf, 0700), "no such file or directory",
             "library loader /no/ld.so", "a_missing_loader_is_named");
#endif
    make_elf(elf, EM_S390, "/no/ld.so");
    diagnose(make("s390", elf, sizeof elf, 0700), "exec format error", "built for s390",
             "another_machine_is_named");
}

/* Headers that point anywhere must not make us read anywhere. */
static void hostile_elf(void)
{
    unsigned char elf[512];
    Elf64_Ehdr file;
    Elf64_Phdr one;

    make_elf(elf, EM_X86_64, "/no/ld.so");
    memcpy(&file, elf, sizeof file);
    memcpy(&one, elf + sizeof file, sizeof one);
    one.p_filesz = UINT64_MAX;
    memcpy(elf + sizeof file, &one, sizeof one);
    ok(program_diagnose(make("huge", elf, sizeof elf, 0700), "x", ENOENT, &why) < 0,
       "a_loader_name_without_end_is_not_read");
    file.e_phoff = UINT64_MAX - 8;
    file.e_phnum = UINT16_MAX;
    memcpy(elf, &file, sizeof file);
    ok(program_diagnose(make("far", elf, sizeof elf, 0700), "x", ENOENT, &why) < 0,
       "headers_outside_of_the_file_are_not_read");
    ok(program_diagnose(make("short", elf, 17, 0700), "x", ENOENT, &why) < 0 &&
           program_diagnose(make("short", elf, 17, 0700), "x", ENOEXEC, &why) < 0,
       "a_file_cut_short_is_not_read_beyond");
}

static int find(const char *args, const char *env, struct program **ret)
{
    char json[512];
    struct arena *arena = &check_arena;
    struct container c = { .arena = arena, .verb = VERB_CREATE, .proc_fd = -1 };
    int found;

    (void)snprintf(json, sizeof json,
                   "{\"ociVersion\":\"1.0.0\",\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":0,"
                   "\"gid\":0},\"args\":[\"%s\"],\"env\":[%s]}}",
                   args, env);
    c.spec = config_of(json);
    c.process = c.spec->process;
    found = program_find(&c, &why);
    *ret = c.program;
    return found;
}

static void lookup(void)
{
    struct program *program;
    char env[256];

    (void)make_text("tool", "#!/bin/sh\n");
    (void)make("denied", "#!/bin/sh\n", 10, 0600);
    (void)snprintf(env, sizeof env, "\"PATH=/no:%s\",\"A=1\",\"B=2\",\"A=3\"", folder);
    ok(find("tool", env, &program) == 0 && strstr(program->path, "/tool"),
       "a_program_is_looked_for_in_the_containers_path");
    (void)is_str(program->envp[1], "B=2", "of_a_name_given_twice");
    (void)is_str(program->envp[2], "A=3", "  ... the_last_value_is_kept");
    (void)is_str(program->envp[3], "HOME=/root", "home_comes_from_etc_passwd");
    ok(find("nothing", env, &program) < 0 && strstr(why.text, "executable file not found in $PATH"),
       "a_program_that_is_nowhere_gives_the_words_that_engines_match");
    ok(find("denied", env, &program) < 0 && strstr(why.text, "permission denied"),
       "one_that_may_not_run_is_told_from_one_that_is_not_there");
    ok(find("/nothing", "", &program) < 0 && strstr(why.text, "no such file or directory"),
       "a_path_that_is_not_there_gives_the_words_that_engines_match");
    ok(find("/etc", "", &program) < 0 && strstr(why.text, "is a directory"), "a_folder_is_refused");
    ok(find("/proc/self/exe", "", &program) < 0, "a_magic_link_is_refused");
    ok(find("sh", "\"HOME=\"", &program) == 0 && !strcmp(program->envp[0], "HOME=") &&
           program->envp[1] == NULL,
       "without_path_there_is_a_default_and_home_stays_as_given");
}

int main(void)
{
    char command[64];

    if (mkdtemp(folder) == NULL)
        return 1;
    post_mortem();
    hostile_elf();
    lookup();
    arena_free(&check_arena);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    (void)!system(command);
    return done_testing();
}
