// SPDX-License-Identifier: Apache-2.0
/* Starting, changing and stopping one unit, and waiting for systemd to have done so. */
#include "cgroup/systemd/bus.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { JOB_DEADLINE_US = 30 * 1000 * 1000, GONE_DEADLINE_MS = 5000, LEFT_OUT_MAX = 16 };

static const char destination[] = "org.freedesktop.systemd1";
static const char object[] = "/org/freedesktop/systemd1";
static const char interface[] = "org.freedesktop.systemd1.Manager";

/* One request, as far as it is answered. */
struct work {
    struct systemd_manager *manager;
    const struct systemd_request *request;
    const char *words;
    struct systemd_answer *answer;
    sd_bus_error error;
    const char *left_out[LEFT_OUT_MAX];
    size_t n_left_out;
};

static bool is_error(const struct work *work, const char *name)
{
    return sd_bus_error_has_name(&work->error, name);
}

static int fail_call(struct work *work, int rc)
{
    return systemd_bus_fail(work->answer, -rc, &work->error);
}

/* --- waiting --- */

/* Until JobRemoved names JOB. */
static int await_job(struct work *work, sd_bus_message *reply)
{
    struct systemd_manager *manager = work->manager;
    uint64_t deadline = clock_us() + JOB_DEADLINE_US;
    const char *job;
    int rc = sd_bus_message_read(reply, "o", &job);

    if (rc < 0)
        return fail_call(work, rc);
    (void)snprintf(manager->job, sizeof manager->job, "%s", job);
    manager->is_over = false;
    while (!manager->is_over) {
        uint64_t now = clock_us();

        rc = sd_bus_process(manager->bus, NULL);
        if (rc == 0 && !manager->is_over)
            rc = now < deadline ? sd_bus_wait(manager->bus, deadline - now) : -ETIMEDOUT;
        if (rc < 0 && rc != -EINTR)
            return fail_call(work, rc);
    }
    if (strcmp(manager->result, "done") == 0)
        return 0;
    work->answer->outcome = SYSTEMD_JOB_FAILED;
    (void)snprintf(work->answer->word, sizeof work->answer->word, "%s", manager->result);
    return -1;
}

static void pause_ms(unsigned ms)
{
    (void)nanosleep(&(struct timespec){ .tv_nsec = (long)ms * 1000000 }, NULL);
}

/* --- asking --- */

/* A string property of the unit; "" without one. */
static void get_text(struct work *work, const char *of, const char *name, char *out, size_t room)
{
    char *path = NULL, *text = NULL;

    out[0] = 0;
    if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", work->request->unit, &path) >= 0 &&
        sd_bus_get_property_string(work->manager->bus, destination, path, of, name, NULL, &text) >=
            0)
        (void)snprintf(out, room, "%s", text);
    free(path);
    free(text);
}

/* systemd answers after it has done what it put off: writing the files of a cgroup. */
static void get_path(struct work *work)
{
    const char *dot = strrchr(work->request->unit, '.');

    get_text(work,
             dot && strcmp(dot, ".slice") == 0 ? "org.freedesktop.systemd1.Slice"
                                               : "org.freedesktop.systemd1.Scope",
             "ControlGroup", work->answer->path, sizeof work->answer->path);
}

/* --- properties --- */

static bool is_left_out(const struct work *work, const char *name)
{
    for (size_t i = 0; i < work->n_left_out; i++)
        if (strcmp(work->left_out[i], name) == 0)
            return true;
    return false;
}

static int append_property(struct work *work, sd_bus_message *message, struct systemd_reader *from)
{
    const char *name = systemd_bus_word(from), *signature = systemd_bus_word(from);
    int rc;

    if (name == NULL || signature == NULL)
        return -EINVAL;
    name += name[0] == '?';
    if (is_left_out(work, name))
        return systemd_bus_append(NULL, from, signature, strlen(signature));
    rc = sd_bus_message_open_container(message, 'r', "sv");
    if (rc >= 0)
        rc = sd_bus_message_append(message, "s", name);
    if (rc >= 0)
        rc = sd_bus_message_open_container(message, 'v', signature);
    if (rc >= 0)
        rc = systemd_bus_append(message, from, signature, strlen(signature));
    if (rc >= 0)
        rc = sd_bus_message_close_container(message);
    return rc < 0 ? rc : sd_bus_message_close_container(message);
}

/* Whose numbers mean something to systemd: PROC_PID_INIT_INO is the inode number of the host's pid
   namespace. 0 stands for whoever asks. */
static uint32_t own_pid(void)
{
    struct stat st;

    return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == 0xEFFFFFFCU ? (uint32_t)getpid() : 0;
}

static int append_properties(struct work *work, sd_bus_message *message, bool is_scope)
{
    struct systemd_reader from = { work->words, work->words + work->request->length };
    int rc = sd_bus_message_open_container(message, 'a', "(sv)");

    while (rc >= 0 && from.at < from.end)
        rc = append_property(work, message, &from);
    if (rc >= 0 && is_scope)
        rc = sd_bus_message_append(message, "(sv)", "PIDs", "au", 1, own_pid());
    return rc < 0 ? rc : sd_bus_message_close_container(message);
}

/* "Cannot set property NAME, or unknown property.": NAME is left out from now on, when it may be.
   False: that is not what is wrong. */
static bool leave_out(struct work *work)
{
    struct systemd_reader from = { work->words, work->words + work->request->length };
    const char *name, *signature;
    size_t used = strlen(work->answer->left_out);

    if (work->error.message == NULL || (!is_error(work, SD_BUS_ERROR_PROPERTY_READ_ONLY) &&
                                        !is_error(work, SD_BUS_ERROR_UNKNOWN_PROPERTY)))
        return false;
    while ((name = systemd_bus_word(&from)) && (signature = systemd_bus_word(&from))) {
        bool may_lack = name[0] == '?';
        const char *bare = name + may_lack, *found = strstr(work->error.message, bare);

        (void)systemd_bus_append(NULL, &from, signature, strlen(signature));
        if (found == NULL || (found > work->error.message && found[-1] != ' ') ||
            !strchr(" ,", found[strlen(bare)]) || is_left_out(work, bare))
            continue;
        if (!may_lack || work->n_left_out == LEFT_OUT_MAX) {
            work->answer->outcome = SYSTEMD_NO_PROPERTY;
            (void)snprintf(work->answer->word, sizeof work->answer->word, "%s", bare);
            return false;
        }
        work->left_out[work->n_left_out++] = bare;
        (void)snprintf(work->answer->left_out + used, sizeof work->answer->left_out - used, "%s%s",
                       used ? " " : "", bare);
        return true;
    }
    return false;
}

/* --- starting --- */

static int call_start(struct work *work, sd_bus_message **ret)
{
    const char *unit = work->request->unit, *dot = strrchr(unit, '.');
    sd_bus_message *message = NULL;
    int rc = sd_bus_message_new_method_call(work->manager->bus, &message, destination, object,
                                            interface, "StartTransientUnit");

    sd_bus_error_free(&work->error);
    if (rc >= 0)
        rc = sd_bus_message_append(message, "ss", unit, "fail");
    if (rc >= 0)
        rc = append_properties(work, message, dot && strcmp(dot, ".scope") == 0);
    if (rc >= 0)
        rc = sd_bus_message_append(message, "a(sa(sv))", 0);
    if (rc >= 0)
        rc = sd_bus_call(work->manager->bus, message, 0, &work->error, ret);
    (void)sd_bus_message_unref(message);
    return rc;
}

static void reset_failed(struct work *work)
{
    (void)sd_bus_call_method(work->manager->bus, destination, object, interface, "ResetFailedUnit",
                             NULL, NULL, "s", work->request->unit);
}

/* A unit of that name is there. What failed is forgotten, once; what is about to go is waited for.
 */
static bool make_room(struct work *work, bool *has_reset, uint64_t deadline)
{
    char state[64];

    get_text(work, "org.freedesktop.systemd1.Unit", "ActiveState", state, sizeof state);
    if (strcmp(state, "failed") == 0 && !*has_reset) {
        *has_reset = true;
        reset_failed(work);
        return true;
    }
    if (clock_us() < deadline &&
        (state[0] == 0 || strcmp(state, "inactive") == 0 || strcmp(state, "deactivating") == 0)) {
        pause_ms(20);
        return true;
    }
    work->answer->outcome = SYSTEMD_IN_USE;
    (void)snprintf(work->answer->word, sizeof work->answer->word, "%s", state);
    return false;
}

static int start(struct work *work)
{
    uint64_t deadline = clock_us() + GONE_DEADLINE_MS * 1000;
    sd_bus_message *reply = NULL;
    bool has_reset = false;
    int rc;

    while ((rc = call_start(work, &reply)) < 0) {
        if (is_error(work, "org.freedesktop.systemd1.UnitExists")) {
            if (!make_room(work, &has_reset, deadline))
                return -1;
        } else if (!leave_out(work)) {
            return work->answer->outcome == SYSTEMD_NO_PROPERTY ? -1 : fail_call(work, rc);
        }
    }
    rc = await_job(work, reply);
    (void)sd_bus_message_unref(reply);
    if (rc == 0)
        get_path(work);
    return rc;
}

/* --- changing, stopping --- */

static int call_set(struct work *work)
{
    sd_bus_message *message = NULL;
    int rc = sd_bus_message_new_method_call(work->manager->bus, &message, destination, object,
                                            interface, "SetUnitProperties");

    sd_bus_error_free(&work->error);
    if (rc >= 0)
        rc = sd_bus_message_append(message, "sb", work->request->unit, 1);
    if (rc >= 0)
        rc = append_properties(work, message, false);
    if (rc >= 0)
        rc = sd_bus_call(work->manager->bus, message, 0, &work->error, NULL);
    (void)sd_bus_message_unref(message);
    return rc;
}

static int set(struct work *work)
{
    int rc;

    while ((rc = call_set(work)) < 0)
        if (!leave_out(work))
            return work->answer->outcome == SYSTEMD_NO_PROPERTY ? -1 : fail_call(work, rc);
    get_path(work);
    return 0;
}

static int attach(struct work *work)
{
    int rc = sd_bus_call_method(work->manager->bus, destination, object, interface,
                                "AttachProcessesToUnit", &work->error, NULL, "ssau",
                                work->request->unit, "", 1, (uint32_t)work->request->pid);

    return rc < 0 ? fail_call(work, rc) : 0;
}

static int stop(struct work *work)
{
    sd_bus_message *reply = NULL;
    int rc = sd_bus_call_method(work->manager->bus, destination, object, interface, "StopUnit",
                                &work->error, &reply, "ss", work->request->unit, "replace");

    if (rc >= 0)
        rc = await_job(work, reply);
    else if (!is_error(work, "org.freedesktop.systemd1.NoSuchUnit"))
        rc = fail_call(work, rc);
    else
        rc = 0;
    (void)sd_bus_message_unref(reply);
    if (rc == 0)
        reset_failed(work);
    return rc;
}

void systemd_job_perform(struct systemd_manager *manager, const struct systemd_request *request,
                         const char *words, struct systemd_answer *answer)
{
    struct work work = {
        .manager = manager,
        .request = request,
        .words = words,
        .answer = answer,
        .error = SD_BUS_ERROR_NULL,
    };
    int rc = -1;

    switch ((enum systemd_verb)request->verb) {
    case SYSTEMD_START:
        rc = start(&work);
        break;
    case SYSTEMD_SET:
        rc = set(&work);
        break;
    case SYSTEMD_ATTACH:
        rc = attach(&work);
        break;
    case SYSTEMD_STOP:
        rc = stop(&work);
        break;
    }
    if (rc == 0)
        answer->outcome = SYSTEMD_DONE;
    sd_bus_error_free(&work.error);
}
