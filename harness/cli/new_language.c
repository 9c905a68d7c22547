/* SPDX-License-Identifier: MIT */
/* In which languages `refold new` writes an aggregate. */
#include "cli/new_language.h"

#include <string.h>

#include "cli/skeleton.inc"

#define PART(path, name)                                                                           \
    {                                                                                              \
        path, skeleton_##name, sizeof(skeleton_##name)                                             \
    }

/* Objects as Firehose names them: the hour, the stream, the time of the oldest record. */
#define COMMON                                                                                     \
    PART("refold.json", refold_json), PART("@name@.scenario", scenario),                           \
        PART("history/2026/03/02/09/"                                                              \
             "events-1-2026-03-02-09-00-00-6b0f1f5e-3a0e-4d7c-9a55-0d6f0f3c2a11",                  \
             morning),                                                                             \
        PART("history/2026/03/02/12/"                                                              \
             "events-1-2026-03-02-12-05-00-c1d8a0b4-52f7-4b6e-8f0e-77a4c9b1e302",                  \
             noon)

static const struct rf_new_language languages[] = {
    {
        .name = "c",
        .source = "@name@.c",
        .plugin = "@name@.c",
        .written = "refold.json, Makefile",
        .compiler = "CC",
        .flags = "CFLAGS",
        .standard = "c11",
        .parts = {PART("@name@.c", aggregate_c), COMMON, PART("Makefile", Makefile),
                  PART(".gitignore", gitignore)},
    },
    {
        .name = "cpp",
        .source = "@name@.cpp",
        .plugin = "@name@.cpp",
        .written = "refold.json, Makefile",
        .compiler = "CXX",
        .flags = "CXXFLAGS",
        .standard = "c++17",
        .parts = {PART("@name@.cpp", aggregate_cpp), COMMON, PART("Makefile", Makefile),
                  PART(".gitignore", gitignore)},
    },
    {
        .name = "go",
        .source = "main.go",
        .plugin = ".",
        .library = "go",
        .written = "refold.json, go.mod, refold/",
        .parts = {PART("main.go", main_go), COMMON, PART("go.mod", go_mod),
                  PART(".gitignore", gitignore_go)},
    },
    {
        .name = "rust",
        .source = "src/main.rs",
        .plugin = ".",
        .library = "rust",
        .written = "refold.json, Cargo.toml, refold/",
        .parts = {PART("src/main.rs", main_rs), COMMON, PART("Cargo.toml", Cargo_toml),
                  PART(".gitignore", gitignore_rust)},
    },
};

const struct rf_new_language *
rf_new_language_find(const char *name)
{
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        if (strcmp(languages[i].name, name) == 0) {
            return &languages[i];
        }
    }
    return NULL;
}
