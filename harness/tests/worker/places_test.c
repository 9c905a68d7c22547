/* SPDX-License-Identifier: MIT */
/* What a worker may read of the file system, and what runtimes look for by themselves. */
#include "worker/places.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

Test(worker_places, knows_a_library_by_its_name)
{
    cr_expect(rf_place_is_library("liba.so"));
    cr_expect(rf_place_is_library("liba.so.1.2.3"));
    cr_expect_not(rf_place_is_library(".so"));
    cr_expect_not(rf_place_is_library("a.sock"));
    cr_expect_not(rf_place_is_library("a.so.key"));
    cr_expect_not(rf_place_is_library(".env"));
}

Test(worker_places, lets_the_loader_read_what_it_needs)
{
    static const char file[] = "/nowhere/agg/order.so";
    cr_expect(rf_place_is_readable(file, "/nowhere/agg/order.so"));
    cr_expect(rf_place_is_readable(file, "/nowhere/agg/libhelper.so.1"));
    cr_expect(rf_place_is_readable(file, "/usr/lib"));
    cr_expect(rf_place_is_readable(file, "/usr/lib/nowhere/libm.so.6"));
    cr_expect_not(rf_place_is_readable(file, "/usr/library/x.so"));
    cr_expect_not(rf_place_is_readable(file, "/nowhere/agg/.env"));
    cr_expect_not(rf_place_is_readable(file, "/nowhere/agg/below/liba.so"));
    cr_expect_not(rf_place_is_readable(file, "/nowhere/order.so"));
    cr_expect_not(rf_place_is_readable(file, "/etc/shadow"));
    cr_expect_not(rf_place_is_readable(file, "/proc/self/environ"));
    cr_expect_not(rf_place_is_readable(file, "order.so"));
    cr_expect_not(rf_place_is_readable(file, ""));
    cr_expect_not(rf_place_is_readable(file, "/usr/lib/../../etc/passwd"));
    cr_expect_not(rf_place_is_readable(file, "/usr/lib/../nowhere/a.so"));
}

Test(worker_places, follows_links)
{
    char folder[] = "/tmp/refold-places-XXXXXX";
    char file[PATH_MAX];
    char link[PATH_MAX];
    cr_assert(mkdtemp(folder) != NULL);
    (void)snprintf(file, sizeof(file), "%s/a.so", folder);
    (void)snprintf(link, sizeof(link), "%s/b.so", folder);
    cr_assert(symlink("/etc/passwd", link) == 0);
    cr_expect_not(rf_place_is_readable(file, link));
    (void)unlink(link);
    (void)rmdir(folder);
}

Test(worker_places, forgives_a_search)
{
    cr_expect(rf_place_is_searched("/nowhere/libm.so.6", false));
    cr_expect(rf_place_is_searched("/nowhere/glibc-hwcaps", true));
    cr_expect_not(rf_place_is_searched("/nowhere/credentials", false));
    cr_expect_not(rf_place_is_searched("/etc", true), "it is there");
    cr_expect_not(rf_place_is_searched("libm.so.6", false));
}

Test(worker_places, knows_what_runtimes_ask_for_by_themselves)
{
    cr_expect(rf_place_is_a_runtimes("/proc/self/maps"));
    cr_expect(rf_place_is_a_runtimes("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"));
    cr_expect(rf_place_is_a_runtimes("/sys/fs/cgroup/a.slice/cpu.max"));
    cr_expect_not(rf_place_is_a_runtimes("/sys/fs/cgroup/../../../etc/passwd"));
    cr_expect_not(rf_place_is_a_runtimes("/proc/self/mem"));
    cr_expect_not(rf_place_is_a_runtimes("/proc/self/maps/x"));
    cr_expect_not(rf_place_is_a_runtimes("/etc/localtime"), "the time zone is no runtime's matter");
    cr_expect_not(rf_place_is_a_runtimes(""));
}

Test(worker_places, knows_what_the_c_library_asks_for_by_itself)
{
    cr_expect(rf_place_is_glibcs("/etc/localtime"));
    cr_expect(rf_place_is_glibcs("/usr/share/zoneinfo/UTC"));
    cr_expect(rf_place_is_glibcs("/proc/stat"));
    cr_expect(rf_place_is_glibcs("/sys/devices/system/cpu/online"));
    cr_expect_not(rf_place_is_glibcs("/usr/share/zoneinfo/Europe/Berlin"), "times differ without");
    cr_expect_not(rf_place_is_glibcs("/usr/share/zoneinfo/../../../etc/passwd"));
    cr_expect_not(rf_place_is_glibcs("/etc/localtime/../passwd"));
    cr_expect_not(rf_place_is_glibcs("/etc/passwd"));
    cr_expect_not(rf_place_is_glibcs("/proc/self/maps"));
    cr_expect_not(rf_place_is_glibcs(""));
}
