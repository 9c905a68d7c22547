/* SPDX-License-Identifier: MIT */
/* What a user named as an aggregate, made into a file that workers can load or run. */
#include "host/artifact.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "host/compile.h"
#include "host/loadable.h"
#include "host/scratch.h"
#include "program/elf.h"

/* ---- what it is -------------------------------------------------------------------------------
 */

static bool
ends_in(const char *name, const char *end)
{
    size_t bytes = strlen(name);
    size_t end_bytes = strlen(end);
    return bytes > end_bytes && strcmp(name + bytes - end_bytes, end) == 0;
}

static enum rf_named
folder_as(const char *path)
{
    bool go = false;
    bool cargo = false;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name;
        go = go || strcmp(name, "go.mod") == 0 || (ends_in(name, ".go") && name[0] != '.');
        cargo = cargo || strcmp(name, "Cargo.toml") == 0;
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return go && cargo ? RF_NAMED_BOTH
           : go        ? RF_NAMED_GO
           : cargo     ? RF_NAMED_CARGO
                       : RF_NAMED_FOLDER;
}

enum rf_named
rf_named_as(const char *path)
{
    static const struct {
        const char *end;
        enum rf_named named;
    } sources[] = {
        {".c", RF_NAMED_C}, {".cpp", RF_NAMED_CPP}, {".cc", RF_NAMED_CPP}, {".cxx", RF_NAMED_CPP}};
    struct stat status;
    if (stat(path, &status) != 0) {
        return RF_NAMED_NOTHING;
    }
    if (S_ISDIR(status.st_mode)) {
        return folder_as(path);
    }
    /* A compiler would wait for whoever writes to a pipe. */
    for (size_t i = 0; S_ISREG(status.st_mode) && i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (ends_in(path, sources[i].end)) {
            return sources[i].named;
        }
    }
    return RF_NAMED_FILE;
}

/* ---- making it --------------------------------------------------------------------------------
 */

/** A file of the user's that cannot be read before the replay is bad usage. */
static rf_code
hash_file(const char *path, char hex[RF_SHA256_HEX_BYTES], struct rf_err *reterr)
{
    if (rf_sha256_file(path, hex, reterr) == RF_OK) {
        return RF_OK;
    }
    if (reterr != NULL) {
        reterr->code = RF_ERR_USAGE;
    }
    return RF_ERR_USAGE;
}

static rf_code
compile(struct rf_artifact *artifact, enum rf_named named, const struct rf_source *source,
        struct rf_err *reterr)
{
    switch (named) {
    case RF_NAMED_GO:
        return rf_compile_go(source, artifact->file, reterr);
    case RF_NAMED_CARGO:
        return rf_compile_cargo(source, artifact->file, reterr);
    default:
        RF_TRY(hash_file(source->path, artifact->sha256, reterr));
        return rf_compile_file(source, named == RF_NAMED_CPP, artifact->file, reterr);
    }
}

/** A compiler that a signal ends removes nothing: what it keeps while it runs lies in a folder of
 * ours, which goes with the build. */
static rf_code
build(struct rf_artifact *artifact, enum rf_named named, const struct rf_source *source,
      struct rf_err *reterr)
{
    bool shared = named == RF_NAMED_C || named == RF_NAMED_CPP;
    struct rf_source kept = *source;
    RF_TRY(rf_scratch_folder(&artifact->folder, reterr));
    artifact->file = rf_format("%s/aggregate%s", artifact->folder, shared ? ".so" : "");
    char *temporaries = rf_format("%s/tmp", artifact->folder);
    kept.temporaries = temporaries;
    rf_code code = mkdir(temporaries, 0700) == 0
                       ? compile(artifact, named, &kept, reterr)
                       : rf_fail_errno(reterr, RF_ERR_USAGE, temporaries, "cannot make a folder");
    rf_scratch_drop(temporaries);
    free(temporaries);
    return code;
}

/** A file that is none of ours. */
static rf_code
take(struct rf_artifact *artifact, const struct rf_source *source, struct rf_err *reterr)
{
    struct stat status;
    /* Absolute: the loader looks for names without a slash elsewhere. */
    artifact->file = realpath(source->path, NULL);
    if (artifact->file == NULL || stat(artifact->file, &status) != 0) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, source->name, "cannot be opened");
    }
    if (!S_ISREG(status.st_mode)) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name, "is not a file");
    }
    return RF_OK;
}

/** One file of a program is none. */
static rf_code
check_whole(const struct rf_source *source, struct rf_err *reterr)
{
    if (ends_in(source->path, ".go")) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is one file of a Go program: name the folder that it lies in");
    }
    if (ends_in(source->path, ".rs")) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is one file of a Rust program: name the folder of its Cargo.toml");
    }
    return RF_OK;
}

static rf_code
make(struct rf_artifact *artifact, const struct rf_source *source, struct rf_err *reterr)
{
    enum rf_named named = rf_named_as(source->path);
    switch (named) {
    case RF_NAMED_BOTH:
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "holds a Cargo.toml and Go files, so it could be built in two ways: name a "
                       "folder that holds one of them");
    case RF_NAMED_FOLDER:
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is a folder without a Cargo.toml or Go files: name a .so, a .c, a .cpp, a "
                       "program, or the folder of a program in Go or Rust");
    case RF_NAMED_NOTHING:
    case RF_NAMED_FILE:
        RF_TRY(take(artifact, source, reterr));
        RF_TRY(check_whole(source, reterr));
        if (source->root != NULL) {
            return rf_fail(reterr, RF_ERR_USAGE, source->name,
                           "is no source, and out of a revision only a source can be built: a .c, "
                           "a .cpp, or the folder of a program in Go or Rust");
        }
        break;
    default:
        RF_TRY(build(artifact, named, source, reterr));
        break;
    }
    if (source->working != NULL && !rf_elf_is_anchored(artifact->file)) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is built to load libraries from the folder that refold runs in, and these "
                       "would not be the revision's: give run paths (-rpath, LD_RUN_PATH) that are "
                       "absolute, or begin with $ORIGIN");
    }
    RF_TRY(hash_file(artifact->file, artifact->file_sha256, reterr));
    if (artifact->sha256[0] == '\0') {
        memcpy(artifact->sha256, artifact->file_sha256, sizeof(artifact->sha256));
    }
    return rf_loadable_look(artifact->file, source->name, &artifact->program, reterr);
}

rf_code
rf_artifact_open(const char *path, struct rf_artifact **ret, struct rf_err *reterr)
{
    struct rf_artifact *artifact = rf_calloc(1, sizeof(*artifact));
    artifact->holders = 1;
    struct rf_source source = {.path = path, .name = path};
    rf_code code = RF_OK;
    if (rf_revision_is(path)) {
        code = rf_revision_open(path, &artifact->checkout, reterr);
        source.path = artifact->checkout.path;
        source.root = artifact->checkout.root;
        source.root_name = artifact->checkout.root_name;
        source.working = artifact->checkout.working;
        source.folder = artifact->checkout.beside;
    }
    if (code == RF_OK) {
        code = make(artifact, &source, reterr);
    }
    if (code != RF_OK) {
        rf_artifact_drop(artifact);
        return code;
    }
    *ret = artifact;
    return RF_OK;
}

struct rf_artifact *
rf_artifact_hold(struct rf_artifact *artifact)
{
    artifact->holders++;
    return artifact;
}

void
rf_artifact_drop(struct rf_artifact *artifact)
{
    if (artifact == NULL || --artifact->holders > 0) {
        return;
    }
    rf_scratch_drop(artifact->folder);
    rf_revision_drop(&artifact->checkout);
    free(artifact->folder);
    free(artifact->file);
    free(artifact);
}
