// SPDX-License-Identifier: Apache-2.0
/* Reaching systemd's manager, and saying values in its types. */
#include "cgroup/systemd/bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALL_DEADLINE_US = 30 * 1000 * 1000, HELLO_DEADLINE_US = 10 * 1000 * 1000 };

/* --- reaching it --- */

static int wait_until_ready(sd_bus *bus)
{
    for (;;) {
        int ready = sd_bus_is_ready(bus);

        if (ready != 0)
            return ready;
        ready = sd_bus_process(bus, NULL);
        if (ready == 0)
            ready = sd_bus_wait(bus, HELLO_DEADLINE_US);
        if (ready <= 0)
            return ready < 0 ? ready : -ETIMEDOUT;
    }
}

static int on_job_removed(sd_bus_message *message, void *context, sd_bus_error *error)
{
    struct systemd_manager *manager = context;
    const char *path, *unit, *result;
    uint32_t id;

    (void)error;
    if (sd_bus_message_read(message, "uoss", &id, &path, &unit, &result) < 0 ||
        strcmp(path, manager->job) != 0)
        return 0;
    (void)snprintf(manager->result, sizeof manager->result, "%s", result);
    manager->is_over = true;
    return 0;
}

/* Who does not subscribe hears of no job. That systemd itself is on a bus is seen here too. */
static int subscribe(struct systemd_manager *manager, sd_bus *bus)
{
    int rc;

    (void)sd_bus_set_method_call_timeout(bus, CALL_DEADLINE_US);
    rc = sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/systemd1",
                             "org.freedesktop.systemd1.Manager", "JobRemoved", on_job_removed,
                             manager);
    return rc < 0 ? rc
                  : sd_bus_call_method(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                                       "org.freedesktop.systemd1.Manager", "Subscribe", NULL, NULL,
                                       "");
}

/* IS_BUS: a message bus, not systemd's own socket. */
static int open_address(struct systemd_manager *manager, const char *address, bool is_bus)
{
    sd_bus *bus = NULL;
    int rc = sd_bus_new(&bus);

    if (rc >= 0)
        rc = sd_bus_set_address(bus, address);
    if (rc >= 0)
        rc = sd_bus_set_bus_client(bus, is_bus);
    if (rc >= 0)
        rc = sd_bus_start(bus);
    if (rc >= 0)
        rc = wait_until_ready(bus);
    if (rc >= 0)
        rc = subscribe(manager, bus);
    if (rc < 0)
        (void)sd_bus_close_unref(bus);
    else
        manager->bus = bus;
    return rc;
}

/* A path as part of an address has other bytes escaped (D-Bus specification, "Server Addresses").
 */
static void path_address(char *out, size_t room, const char *folder, const char *file)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.\\*";
    size_t used = (size_t)snprintf(out, room, "unix:path=");

    for (const char *part = folder; part; part = part == folder ? file : NULL)
        for (const char *c = part; *c && used + 4 < room; c++)
            used += (size_t)snprintf(out + used, room - used, strchr(plain, *c) ? "%c" : "%%%02x",
                                     (unsigned char)*c);
}

struct search {
    struct systemd_manager *manager;
    struct systemd_answer *answer;
};

/* Whether it is the one. */
static bool try_address(struct search *search, const char *address, bool is_bus)
{
    struct systemd_answer *answer = search->answer;
    size_t used = strlen(answer->text);
    int rc = open_address(search->manager, address, is_bus);

    if (rc >= 0)
        return true;
    (void)snprintf(answer->text + used, sizeof answer->text - used, "%s%s (%s)", used ? ", " : "",
                   address, strerror(-rc));
    return false;
}

static bool try_path(struct search *search, const char *folder, const char *file, bool is_bus)
{
    char address[1024];

    path_address(address, sizeof address, folder, file);
    return try_address(search, address, is_bus);
}

static bool try_user(struct search *search)
{
    const char *session = getenv("DBUS_SESSION_BUS_ADDRESS"), *dir = getenv("XDG_RUNTIME_DIR");
    char folder[64];

    if (session && try_address(search, session, true))
        return true;
    if (dir && dir[0] == '/' &&
        (try_path(search, dir, "/bus", true) || try_path(search, dir, "/systemd/private", false)))
        return true;
    (void)snprintf(folder, sizeof folder, "/run/user/%lu", (unsigned long)geteuid());
    return (dir == NULL || strcmp(dir, folder) != 0) &&
           (try_path(search, folder, "/bus", true) ||
            try_path(search, folder, "/systemd/private", false));
}

static bool try_system(struct search *search)
{
    return try_path(search, "/run/dbus", "/system_bus_socket", true) ||
           try_path(search, "/run/systemd", "/private", false);
}

int systemd_bus_open(struct systemd_manager *ret, bool is_user, struct systemd_answer *answer)
{
    struct search search = { .manager = ret, .answer = answer };

    *ret = (struct systemd_manager){ 0 };
    if (!(is_user ? try_user(&search) : try_system(&search))) {
        answer->outcome = SYSTEMD_UNREACHABLE;
        return -1;
    }
    answer->text[0] = 0;
    return 0;
}

void systemd_bus_close(struct systemd_manager *manager)
{
    manager->bus = sd_bus_close_unref(manager->bus);
}

int systemd_bus_fail(struct systemd_answer *answer, int number, const sd_bus_error *error)
{
    answer->outcome = number == ETIMEDOUT ? SYSTEMD_LATE : SYSTEMD_REFUSED;
    (void)snprintf(answer->text, sizeof answer->text, "%s",
                   error && error->message ? error->message : strerror(number));
    (void)snprintf(answer->word, sizeof answer->word, "%s",
                   error && error->name ? error->name : strerror(number));
    return -1;
}

/* --- saying values --- */

const char *systemd_bus_word(struct systemd_reader *from)
{
    const char *word = from->at;
    const char *end = word < from->end ? memchr(word, 0, (size_t)(from->end - word)) : NULL;

    if (end == NULL)
        return NULL;
    from->at = end + 1;
    return word;
}

static int append_basic(sd_bus_message *message, char type, const char *word)
{
    unsigned long long number = strtoull(word, NULL, 10);
    long long signed_number = strtoll(word, NULL, 10);

    if (message == NULL)
        return 0;
    switch (type) {
    case 'b':
    case 'i':
        return sd_bus_message_append_basic(message, type, &(int){ (int)signed_number });
    case 'y':
        return sd_bus_message_append_basic(message, type, &(uint8_t){ (uint8_t)number });
    case 'n':
        return sd_bus_message_append_basic(message, type, &(int16_t){ (int16_t)signed_number });
    case 'q':
        return sd_bus_message_append_basic(message, type, &(uint16_t){ (uint16_t)number });
    case 'u':
        return sd_bus_message_append_basic(message, type, &(uint32_t){ (uint32_t)number });
    case 'x':
        return sd_bus_message_append_basic(message, type, &(int64_t){ signed_number });
    case 't':
        return sd_bus_message_append_basic(message, type, &(uint64_t){ number });
    case 'd':
        return sd_bus_message_append_basic(message, type, &(double){ strtod(word, NULL) });
    case 's':
        return sd_bus_message_append_basic(message, type, word);
    default:
        return -EINVAL;
    }
}

/* Of the first complete type. */
static size_t type_length(const char *signature, size_t length)
{
    size_t n = 0, depth = 0;

    while (n < length && signature[n] == 'a')
        n++;
    do {
        if (n == length)
            return 0;
        depth += signature[n] == '(';
        depth -= depth && signature[n] == ')';
        n++;
    } while (depth);
    return n;
}

static int enter(sd_bus_message *message, char kind, const char *inside, size_t length)
{
    char text[64];

    if (length >= sizeof text)
        return -EINVAL;
    memcpy(text, inside, length);
    text[length] = 0;
    return message ? sd_bus_message_open_container(message, kind, text) : 0;
}

int systemd_bus_append(sd_bus_message *message, struct systemd_reader *from, const char *signature,
                       size_t length)
{
    int rc = 0;

    for (size_t n; rc >= 0 && length; signature += n, length -= n) {
        n = type_length(signature, length);
        if (n == 0)
            return -EINVAL;
        if (signature[0] != '(') {
            const char *word = systemd_bus_word(from);

            if (word == NULL)
                return -EINVAL;
            if (signature[0] != 'a') {
                rc = append_basic(message, signature[0], word);
                continue;
            }
            rc = enter(message, 'a', signature + 1, n - 1);
            for (unsigned long i = strtoul(word, NULL, 10); rc >= 0 && i > 0; i--)
                rc = systemd_bus_append(message, from, signature + 1, n - 1);
        } else {
            rc = enter(message, 'r', signature + 1, n - 2);
            if (rc >= 0)
                rc = systemd_bus_append(message, from, signature + 1, n - 2);
        }
        if (rc >= 0 && message)
            rc = sd_bus_message_close_container(message);
    }
    return rc;
}
