// SPDX-License-Identifier: Apache-2.0
/* zind-oci spec: writes a config.json to start from, and never over one that is there. */
#include "base/io.h"
#include "base/own.h"
#include "commands/commands.h"
#include "commands/default-spec.h"
#include "commands/options.h"
#include "commands/output.h"

#include <fcntl.h>
#include <string.h>

static int write_new(int folder, const char *name, mode_t mode, const char *text, struct error *why)
{
    autoclose int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0) {
        (void)fail(why, errno, "write %s", name);
        return why->number == EEXIST ? fail_hint(why, "to write another file: zind-oci spec "
                                                      "--file FILE; or remove this one first")
                                     : -1;
    }
    if (io_write_all(fd, text, strlen(text)) == 0 && close(take_fd(fd)) == 0)
        return 0;
    (void)fail(why, errno, "write %s", name);
    (void)unlinkat(folder, name, 0);
    return -1;
}

int command_spec(const struct runtime *runtime, const struct command_line *line, struct error *why)
{
    const char *bundle = options_bundle(line, why);
    autoclose int folder = -1;
    autofree char *text = NULL;
    struct default_spec spec;

    if (!bundle)
        return -1;
    folder = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return fail(why, errno, "open bundle %s", bundle);
    default_spec_make(&spec, line->is_rootless, geteuid(), getegid());
    text = output_encode(&oci_config_object, &spec.config, true, why);
    return text ? write_new(folder, options_config(line), 0666 & ~runtime->umask, text, why) : -1;
}
