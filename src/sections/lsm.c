// SPDX-License-Identifier: Apache-2.0
/* process.apparmorProfile and process.selinuxLabel: the security modules' name for what the program
 * may do. */
#include "kernel/proc.h"
#include "sections/container.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

void lsm_check(const struct oci_config *spec, struct problems *all)
{
    const struct oci_process *process = spec->process;

    if (process == NULL)
        return;
    /* Either would be cut by the module at the first of these. */
    if (process->apparmor_profile && strpbrk(process->apparmor_profile, "\n"))
        refuse(all, "process.apparmorProfile", "the name of a profile holds no line end");
    if (process->selinux_label && strpbrk(process->selinux_label, "\n"))
        refuse(all, "process.selinuxLabel", "a label holds no line end");
}

static bool is_given(const char *name)
{
    return name && name[0];
}

bool lsm_is_set(const struct container *c)
{
    return c->process &&
           (is_given(c->process->apparmor_profile) || is_given(c->process->selinux_label));
}

static int write_exec(int fd, const char *text)
{
    ssize_t n;

    do
        n = write(fd, text, strlen(text));
    while (n < 0 && errno == EINTR);
    return n < 0 ? -1 : 0;
}

/* Whether a profile holds us, as in a container that is confined itself. */
static bool is_confined(const struct container *c)
{
    static const char free[] = "unconfined";
    char label[256];
    ssize_t n = proc_read(c->proc_fd, "self/attr/apparmor/current", label, sizeof label);

    return n > 0 && strncmp(label, free, strlen(free)) != 0;
}

static int ask_apparmor(int fd, const char *how, const char *profile)
{
    autofree char *text = NULL;

    if (asprintf(&text, "%s %s", how, profile) < 0)
        return text = NULL, errno = ENOMEM, -1;
    return write_exec(fd, text);
}

/* A profile is left for another one only where it says so (change_profile), and with no_new_privs
   not even then: what execve takes is one more on top of it, by which a program may only do less.
 */
static int set_profile(const struct container *c, int fd, const char *profile)
{
    bool confined = is_confined(c);

    if (confined && c->process->no_new_privileges)
        return ask_apparmor(fd, "stack", profile);
    if (ask_apparmor(fd, "exec", profile) == 0)
        return 0;
    if (!confined || (errno != EACCES && errno != EPERM))
        return -1;
    return ask_apparmor(fd, "stack", profile);
}

/* A kernel without AppArmor, or with AppArmor switched off, refuses the write with EINVAL; one that
   has it says ENOENT for a profile that is not loaded. attr/apparmor/ is of Linux 5.8; before,
   attr/exec belongs to the only big module. */
static int use_apparmor(const struct container *c, const char *profile, struct error *why)
{
    autoclose int fd = proc_open_file(c->proc_fd, "self/attr/apparmor/exec", O_WRONLY);

    if (fd < 0 && errno == ENOENT)
        fd = proc_open_file(c->proc_fd, "self/attr/exec", O_WRONLY);
    if (fd >= 0 && set_profile(c, fd, profile) == 0)
        return 0;
    /* That is what a host without AppArmor does to every program. */
    if ((fd < 0 || errno == EINVAL) && strcmp(profile, "unconfined") == 0)
        return 0;
    (void)fail(why, errno, "use the AppArmor profile %s: write /proc/self/attr/apparmor/exec",
               profile);
    if (fd < 0 || why->number == EINVAL)
        (void)fail_hint(why, "AppArmor is not enabled on this host");
    else if (why->number == ENOENT)
        (void)fail_hint(why, "load the profile with apparmor_parser first");
    return fail_at(why, "process.apparmorProfile");
}

static int use_selinux(const struct container *c, const char *label, struct error *why)
{
    autoclose int fd = proc_open_file(c->proc_fd, "self/attr/exec", O_WRONLY);

    if (fd >= 0 && write_exec(fd, label) == 0)
        return 0;
    (void)fail(why, errno, "use the SELinux label %s: write /proc/self/attr/exec", label);
    if (fd < 0 || why->number == EINVAL)
        (void)fail_hint(why, "SELinux is not enabled on this host, or its policy does not know the "
                             "label");
    return fail_at(why, "process.selinuxLabel");
}

int lsm_prepare(struct container *c, struct error *why)
{
    if (proc_open_late(&c->proc_fd, why) < 0)
        return -1;
    if (is_given(c->process->apparmor_profile) &&
        use_apparmor(c, c->process->apparmor_profile, why) < 0)
        return -1;
    if (is_given(c->process->selinux_label) && use_selinux(c, c->process->selinux_label, why) < 0)
        return -1;
    return 0;
}

void lsm_explain(const struct container *c, struct explain *to)
{
    if (is_given(c->process->apparmor_profile))
        explain(to, "AppArmor profile %s", c->process->apparmor_profile);
    if (is_given(c->process->selinux_label))
        explain(to, "SELinux label %s", c->process->selinux_label);
}
