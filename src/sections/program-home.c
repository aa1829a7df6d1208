// SPDX-License-Identifier: Apache-2.0
/* The program's home folder, from the container's /etc/passwd. */
#include "base/own.h"
#include "base/passwd.h"
#include "sections/program.h"

#include <fcntl.h>
#include <sys/stat.h>

const char *program_find_home(uint32_t uid, struct arena *arena)
{
    autoclose int seen = program_open_inside("/etc/passwd", O_PATH), fd = -1;
    const char *home = NULL;
    struct stat st;

    /* Merely to open a device of the image may do something. O_NONBLOCK: nor may a fifo hold us up
       that came in its place since, which only another program of the container can do. */
    if (seen >= 0 && fstat(seen, &st) == 0 && S_ISREG(st.st_mode))
        fd = program_open_inside("/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0)
        home = passwd_find(fd, uid, PASSWD_HOME, arena);

    return home && home[0] == '/' ? home : "/";
}
