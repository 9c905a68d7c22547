/* SPDX-License-Identifier: MIT */
/* Workers that are forked by a server are children as all others. */
#include "host/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/memfile.h"
#include "tests/worker/support.h"
#include "worker/protocol.h"
#include "worker/world.h"

struct scene {
    struct rf_build *build;
    struct rf_memfile names;
    struct rf_worker_files files;
    struct rf_server *server;
};

static void
open_scene(struct scene *scene, const char *plugin)
{
    struct rf_err err;
    memset(scene, 0, sizeof(*scene));
    cr_assert(setenv("REFOLD_WORKER", built("refold-worker"), 1) == 0);
    cr_assert(rf_build_open(built(plugin), &scene->build, &err) == RF_OK, "%s", err.text);
    cr_assert(rf_memfile_open(&scene->names, "names", &err) == RF_OK);
    rf_memfile_grow(&scene->names, sizeof(struct rf_names_header));
    scene->files = (struct rf_worker_files){.names = scene->names.fd};
    cr_assert(rf_server_start(scene->build, &scene->files, &scene->server, &err) == RF_OK);
}

static void
close_scene(struct scene *scene)
{
    rf_server_stop(scene->server);
    rf_memfile_done(&scene->names);
    rf_build_free(scene->build);
    cr_assert(waitpid(-1, NULL, WNOHANG) == -1); /* every process is reaped */
}

/** Its parent and group, by the system. */
static void
look_at(pid_t pid, int *ret_parent, int *ret_group)
{
    char path[64];
    char text[512];
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL && fgets(text, sizeof(text), file) != NULL);
    (void)fclose(file);
    cr_assert(sscanf(strrchr(text, ')') + 1, " %*c %d %d", ret_parent, ret_group) == 2);
}

Test(host_server, forks_children_of_ours_in_groups_of_their_own)
{
    struct scene scene;
    open_scene(&scene, "tests/plugins/faller.so");
    for (int i = 0; i < 3; i++) {
        int pairs[4][2];
        int channels[4];
        pid_t pid = 0;
        int parent = 0;
        int group = 0;
        for (int k = 0; k < 4; k++) {
            cr_assert(pipe(pairs[k]) == 0);
            channels[k] = pairs[k][1];
        }
        cr_assert(rf_server_fork(scene.server, channels, &pid));
        look_at(pid, &parent, &group);
        cr_expect(parent == getpid() && group == pid, "%d %d", parent, group);
        cr_assert(kill(-pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
        for (int k = 0; k < 4; k++) {
            (void)close(pairs[k][0]);
            (void)close(pairs[k][1]);
        }
    }
    close_scene(&scene);
}

/** How a worker ends that is asked for what it cannot do. */
static void
expect_death(struct scene *scene, const char *death)
{
    struct rf_worker *worker = NULL;
    struct rf_worker_answer answer;
    struct rf_request request = {sizeof(request), 0, 0, RF_NAME_NONE, 0};
    cr_assert(rf_worker_fork(scene->server, &scene->files, &worker));
    memcpy(rf_worker_request_room(worker, sizeof(request)), &request, sizeof(request));
    rf_worker_submit(worker, 1);
    cr_expect(rf_worker_next(worker, 5000, &answer) == RF_WORKER_DIED);
    cr_expect_str_eq(rf_worker_death(worker), death);
    cr_expect(rf_worker_ready(worker));
    rf_worker_stop(worker);
}

/* What they print is heard, too. */
Test(host_server, its_workers_fold)
{
    struct scene scene;
    open_scene(&scene, "tests/plugins/faller.so");
    for (int i = 0; i < 3; i++) {
        expect_death(&scene, "exit status 3: refold-worker: a request has name 4294967295, and "
                             "there are 0");
    }
    close_scene(&scene);
}

/* As those that are started: what they do there is not the run's. */
Test(host_server, what_its_workers_print_in_a_made_world_is_not_kept)
{
    struct scene scene;
    open_scene(&scene, "tests/plugins/faller.so");
    rf_server_stop(scene.server);
    scene.files.world = RF_WORLD_OTHER;
    uint64_t before = rf_conduct_look(scene.build->conduct).printed_bytes;
    struct rf_err err;
    cr_assert(rf_server_start(scene.build, &scene.files, &scene.server, &err) == RF_OK);
    expect_death(&scene, "exit status 3: refold-worker: a request has name 4294967295, and there "
                         "are 0");
    cr_expect_eq(rf_conduct_look(scene.build->conduct).printed_bytes, before);
    rf_server_stop(scene.server);
    rf_conduct_hide(scene.build->conduct);
    cr_assert(rf_server_start(scene.build, &scene.files, &scene.server, &err) == RF_OK);
    expect_death(&scene, "exit status 3"); /* nor told where words are hidden */
    cr_expect_eq(rf_conduct_look(scene.build->conduct).dropped_bytes, 0);
    close_scene(&scene);
}

Test(host_server, forks_nothing_that_has_threads)
{
    struct scene scene;
    struct rf_worker *worker = NULL;
    rf_sandbox_choose(RF_SANDBOX_OFF); /* in one no thread could be started */
    open_scene(&scene, "tests/plugins/threaded.so");
    cr_expect_not(rf_worker_fork(scene.server, &scene.files, &worker));
    close_scene(&scene);
}

/* All forks would have it, and the next one begins with none that was told of. */
Test(host_server, forks_nothing_that_raced_as_it_was_loaded)
{
    static const char race[] = "WARNING: DATA RACE\n";
    struct scene scene;
    struct rf_worker *worker = NULL;
    open_scene(&scene, "tests/plugins/faller.so");
    rf_words_take(&rf_server_ward(scene.server)->words, race, sizeof(race) - 1);
    cr_expect_not(rf_worker_fork(scene.server, &scene.files, &worker));
    rf_worker_stop(worker);
    close_scene(&scene);
}

Test(host_server, says_so_where_it_is_gone)
{
    struct scene scene;
    struct rf_worker *worker = NULL;
    open_scene(&scene, "tests/plugins/faller.so");
    cr_assert(rf_worker_fork(scene.server, &scene.files, &worker));
    rf_worker_stop(worker);
    rf_worker_kill_all(); /* as on a signal: the server too */
    cr_expect_not(rf_worker_fork(scene.server, &scene.files, &worker));
    close_scene(&scene);
}

Test(host_server, takes_no_program_for_one_that_does_not_speak)
{
    struct scene scene;
    struct rf_worker *worker = NULL;
    struct rf_err err;
    open_scene(&scene, "tests/plugins/faller.so");
    rf_server_stop(scene.server);
    cr_assert(setenv("REFOLD_WORKER", "/bin/true", 1) == 0);
    cr_assert(rf_server_start(scene.build, &scene.files, &scene.server, &err) == RF_OK);
    cr_expect_not(rf_worker_fork(scene.server, &scene.files, &worker));
    close_scene(&scene);
}

Test(host_server, accepts_none_to_stop)
{
    rf_server_stop(NULL);
}
