// SPDX-License-Identifier: Apache-2.0
/* The program's home folder, from the container's /etc/passwd. */
#include "base/own.h"
#include "base/passwd.h"
#include "sections/program.h"

#include <fcntl.h>

const char *program_find_home(uint32_t uid, struct arena *arena)
{
    /* O_NONBLOCK: a fifo must not hold us up. */
    autoclose int fd = program_open_inside("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
    const char *home = fd < 0 ? NULL : passwd_find(fd, uid, PASSWD_HOME, arena);

    return home && home[0] == '/' ? home : "/";
}
