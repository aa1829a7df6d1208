// SPDX-License-Identifier: Apache-2.0
/* update: what is asked for laid over what holds (cgroup_merge), and the way back to what stood in
 * a file (journal_way_back). */
#include "../tap.h"
#include "arena.h"
#include "base/log.h"
#include "cgroup/limits/journal.h"
#include "cgroup/limits/resources.h"
#include "json-decode.h"
#include "json-encode.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static struct cgroup_change merge(const char *held, const char *asked, struct arena *arena)
{
    struct cgroup_change change = { 0 };
    struct json_error json;
    struct error why;
    const struct oci_resources *one =
        held ? json_decode(&oci_resources_object, held, strlen(held), arena, &json) : NULL;
    const struct oci_resources *other =
        json_decode(&oci_resources_object, asked, strlen(asked), arena, &json);

    if (other == NULL || cgroup_merge(&change, one, other, arena, &why) < 0)
        printf("# %s: no merge\n", asked);
    return change;
}

static void merged(const char *held, const char *asked, const char *wanted, const char *name)
{
    struct arena arena = { 0 };
    struct json_error json;
    struct cgroup_change change = merge(held, asked, &arena);
    char *text = json_encode(&oci_resources_object, change.merged, JSON_COMPACT, NULL, &json);

    is_str(text, wanted, name);
    free(text);
    arena_free(&arena);
}

static void merging(void)
{
    merged(NULL, "{\"pids\":{\"limit\":3}}", "{\"pids\":{\"limit\":3}}", "nothing_held_before");
    merged("{\"memory\":{\"limit\":5},\"pids\":{\"limit\":1}}", "{\"memory\":{\"reservation\":2}}",
           "{\"memory\":{\"limit\":5,\"reservation\":2},\"pids\":{\"limit\":1}}",
           "what_is_not_named_stays");
    merged("{\"cpu\":{\"quota\":5,\"cpus\":\"0\"}}",
           "{\"cpu\":{\"quota\":0,\"cpus\":\"1\",\"idle\":0}}",
           "{\"cpu\":{\"quota\":5,\"cpus\":\"1\",\"idle\":0}}",
           "a_0_that_asks_for_nothing_changes_nothing");
    merged(NULL, "{\"cpu\":{\"quota\":0}}", "{\"cpu\":{}}", "nor_does_it_appear");
    merged("{\"cpu\":{\"cpus\":\"0\",\"mems\":\"1\"}}", "{\"cpu\":{\"cpus\":\"\"}}",
           "{\"cpu\":{\"cpus\":\"0\",\"mems\":\"1\"}}",
           "an_empty_list_of_cpus_asks_for_nothing_too");
    merged("{\"pids\":{\"limit\":1}}", "{\"cpu\":{\"cpus\":\"\"}}",
           "{\"cpu\":{},\"pids\":{\"limit\":1}}", "also_where_there_was_none");
    merged("{\"pids\":{\"limit\":9}}", "{\"pids\":{\"limit\":0}}", "{\"pids\":{\"limit\":0}}",
           "a_pids_limit_of_0_is_a_value");
    merged("{\"memory\":{\"limit\":5,\"swap\":9}}", "{\"memory\":{\"limit\":-1}}",
           "{\"memory\":{\"limit\":-1,\"swap\":-1}}", "no_limit_on_memory_lifts_that_on_swap");
    merged("{\"memory\":{\"checkBeforeUpdate\":true}}",
           "{\"memory\":{\"checkBeforeUpdate\":false}}",
           "{\"memory\":{\"checkBeforeUpdate\":false}}", "false_is_a_value");
    merged("{\"unified\":{\"a.x\":\"1\",\"b.x\":\"2\"}}",
           "{\"unified\":{\"b.x\":\"3\",\"c.x\":\"4\"}}",
           "{\"unified\":{\"a.x\":\"1\",\"b.x\":\"3\",\"c.x\":\"4\"}}", "maps_are_merged_by_key");
    merged("{\"rdma\":{\"m\":{\"hcaHandles\":3}}}", "{\"rdma\":{\"m\":{\"hcaObjects\":4}}}",
           "{\"rdma\":{\"m\":{\"hcaHandles\":3,\"hcaObjects\":4}}}", "and_what_they_hold_too");
    merged("{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}]}",
           "{\"hugepageLimits\":[{\"pageSize\":\"1GB\",\"limit\":2},{\"pageSize\":\"2MB\","
           "\"limit\":3}]}",
           "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":3},{\"pageSize\":\"1GB\","
           "\"limit\":2}]}",
           "page_sizes_are_merged_by_size");
    merged("{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1}]}}",
           "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":16,\"rate\":2}]}}",
           "{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1},"
           "{\"major\":8,\"minor\":16,\"rate\":2}]}}",
           "another_device_is_one_more");
    merged("{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10}]}}",
           "{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"leafWeight\":20}]}}",
           "{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10,\"leafWeight\":"
           "20}]}}",
           "weights_of_a_device_are_merged");
    merged("{\"devices\":[{\"allow\":true},{\"allow\":false}]}",
           "{\"devices\":[{\"allow\":false}]}", "{\"devices\":[{\"allow\":false}]}",
           "device_rules_are_replaced_as_a_whole");
}

static void depending(void)
{
    struct arena arena = { 0 };
    struct cgroup_change change =
        merge("{\"memory\":{\"limit\":5,\"swap\":9}}", "{\"memory\":{\"limit\":7}}", &arena);

    ok(change.asked->memory->has_swap && change.asked->memory->swap == 9,
       "a_new_memory_limit_writes_swap_again");
    change =
        merge("{\"memory\":{\"checkBeforeUpdate\":true}}", "{\"memory\":{\"limit\":7}}", &arena);
    ok(change.asked->memory->check_before_update && !change.asked->memory->has_swap,
       "checkBeforeUpdate_of_create_holds_for_update");
    change = merge("{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}",
                   "{\"devices\":[{\"allow\":false,\"type\":\"a\"}]}", &arena);
    ok(!change.devices, "the_same_device_rules_in_other_words_are_no_change");
    change = merge("{\"devices\":[{\"allow\":false}]}", "{\"pids\":{\"limit\":1}}", &arena);
    ok(!change.devices, "no_device_rules_are_no_change");
    change = merge("{\"devices\":[{\"allow\":false}]}", "{\"devices\":[]}", &arena);
    ok(change.devices, "none_instead_of_some_is_one");
    arena_free(&arena);
}

static void back(const char *file, const char *content, const char *value, const char *wanted)
{
    char *line = journal_way_back(file, content, value);

    is_str(line, wanted, file);
    free(line);
}

static void ways_back(void)
{
    back("memory.max", "max\n", "5", "max");
    back("cpu.max", "max 100000\n", "max 50000", "max 100000");
    back("cpu.max", "20000 100000\n", "30000 100000", "20000 100000");
    back("cpuset.cpus", "", "0-1", "\n");
    back("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n", "1", "0");
    back("io.weight", "default 100\n8:0 200\n", "300", "100");
    back("io.weight", "default 100\n8:0 200\n", "8:0 300", "8:0 200");
    back("io.weight", "default 100\n", "8:0 300", "8:0 default");
    back("io.max", "8:16 rbps=1 wbps=max riops=max wiops=max\n", "8:1 rbps=5",
         "8:1 rbps=max wbps=max riops=max wiops=max");
    back("io.max", "8:1 rbps=1 wbps=max riops=max wiops=max\n", "8:1 rbps=5",
         "8:1 rbps=1 wbps=max riops=max wiops=max");
    back("blkio.throttle.read_bps_device", "8:16 7\n", "8:1 5", "8:1 0");
    back("net_prio.ifpriomap", "lo 2\neth0 3\n", "eth0 9", "eth0 3");
    back("rdma.max", "", "mlx5_0 hca_handle=3", "mlx5_0 hca_handle=max hca_object=max");
    back("io.latency", "", "8:1 target=5", "");
}

/* How many warnings there are of N files that are not there any more. */
static int warnings_of(size_t n)
{
    static const struct hierarchy hierarchy = { .slot = CONTROLLER_PIDS };
    struct journal journal = { .n = n, .at = calloc(n, sizeof *journal.at) };
    FILE *file = tmpfile();
    struct log log = { .level = LOG_LEVEL_WARNING, .fd = file ? fileno(file) : -1 };
    struct writing w = { .file_fd = -1, .log = &log };
    char nowhere[] = "/tmp/zind-unit-XXXXXX";
    int lines = 0;

    w.folders[CONTROLLER_PIDS] = mkdtemp(nowhere) ? open(nowhere, O_RDONLY | O_DIRECTORY) : -1;
    for (size_t i = 0; journal.at && i < n; i++) {
        journal.at[i] = (struct journal_entry){ .hierarchy = &hierarchy, .before = strdup("3") };
        (void)snprintf(journal.at[i].file, sizeof journal.at[i].file, "file-%zu", i);
    }
    journal_restore(&journal, &w);
    journal_free(&journal);
    (void)rmdir(nowhere);
    if (file) {
        rewind(file);
        for (int c; (c = fgetc(file)) != EOF;)
            lines += c == '\n';
        (void)fclose(file);
    }
    return lines;
}

/* A rehearsal in a folder that has none of the files, as on a kernel without them. */
static int rehearsed(const char *json)
{
    struct arena arena = { 0 };
    struct mounted mounted = { .is_known = true, .n = 1, .kind = CGROUP_V1 };
    struct cgroup cgroup = { .hierarchy = CGROUP_V1, .path = "/web", .mounted = &mounted };
    struct journal journal = { 0 };
    struct json_error json_why;
    struct error why;
    struct writing w;
    char folder[] = "/tmp/zind-unit-XXXXXX";
    int rc;

    mounted.at[0] = (struct hierarchy){ .name = "cpu", .controllers = 1u << CONTROLLER_CPU };
    writing_begin(&w, &cgroup,
                  json_decode(&oci_resources_object, json, strlen(json), &arena, &json_why));
    w.journal = &journal;
    w.folders[0] = mkdtemp(folder) ? open(folder, O_RDONLY | O_DIRECTORY) : -1;
    rc = resources_rehearse(&w, false, &why);
    writing_end(&w);
    journal_free(&journal);
    (void)rmdir(folder);
    arena_free(&arena);
    return rc;
}

static void missing(void)
{
    is_int(rehearsed("{\"cpu\":{\"quota\":100000}}"), -1, "a_file_that_is_missing_is_noticed");
    is_int(rehearsed("{\"cpu\":{\"quota\":-1}}"), 0, "but_not_missed_where_there_is_no_limit");
    is_int(rehearsed("{\"memory\":{\"limit\":4096}}"), -1, "so_is_a_controller");
    is_int(rehearsed("{\"memory\":{\"limit\":-1,\"swap\":-1,\"useHierarchy\":true,"
                     "\"disableOOMKiller\":false,\"checkBeforeUpdate\":true}}"),
           0, "nor_is_one_for_what_holds_without_it");
}

/* write(2) of nothing tells the kernel nothing: no cpus are a line without one. */
static void nothing_is_a_line(void)
{
    static const struct hierarchy hierarchy = { .slot = CONTROLLER_CPUSET };
    struct writing w = { .file_fd = -1, .hierarchy = &hierarchy };
    char folder[] = "/tmp/zind-unit-XXXXXX", text[8] = "";
    int at = mkdtemp(folder) ? open(folder, O_RDONLY | O_DIRECTORY) : -1;
    int file = openat(at, "cpuset.cpus", O_CREAT | O_RDONLY, 0600);

    w.folders[CONTROLLER_CPUSET] = at;
    ok(writing_put(&w, "cpuset.cpus", "") == 0 && read(file, text, sizeof text - 1) >= 0,
       "an_empty_value_is_written");
    is_str(text, "\n", "as_an_empty_line");
    (void)unlinkat(at, "cpuset.cpus", 0);
    (void)rmdir(folder);
    (void)close(file);
    (void)close(at);
    (void)close(w.file_fd);
}

int main(void)
{
    merging();
    depending();
    ways_back();
    missing();
    nothing_is_a_line();
    is_int(warnings_of(3), 3, "what_cannot_be_set_back_is_warned_of");
    is_int(warnings_of(100), 100, "all_of_it");
    return done_testing();
}
