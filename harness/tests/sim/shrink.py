# SPDX-License-Identifier: MIT
"""A case that fails, made smaller while it still fails."""

import copy

from setup import Setup


def _smaller(trial):
    """Trials with one thing less."""
    for place in sorted(trial.files):
        files = {k: v for k, v in trial.files.items() if k != place}
        yield _like(trial, files=files)
    for name in sorted(trial.golden) if trial.how != "digest" else ():
        yield _like(trial, golden={k: v for k, v in trial.golden.items() if k != name})
        text, meta = trial.golden[name]
        if meta is not None:
            yield _like(trial, golden={**trial.golden, name: (text, None)})
        lines = text.split(b"\n")
        for at in range(len(lines) - 1):
            fewer = b"\n".join(lines[:at] + lines[at + 1:])
            yield _like(trial, golden={**trial.golden, name: (fewer, None)})
    plain = Setup()
    for field, value in vars(trial.setup).items():
        if value != getattr(plain, field) and field not in ("builds", "until", "until_text", "ids_file"):
            setup = copy.deepcopy(trial.setup)
            setattr(setup, field, getattr(plain, field))
            yield _like(trial, setup=setup)
    if trial.how in ("shards", "pack", "delta", "again"):
        yield _like(trial, how="run")
    if trial.packed_golden:
        yield _like(trial, packed_golden=False)


def _like(trial, **changes):
    parts = {name: getattr(trial, name) for name in trial.PARTS}
    parts.update(changes)
    return type(trial)(**parts)


def _split_records(trial):
    """Plain objects with one line less."""
    for place, data in sorted(trial.files.items()):
        lines = data.split(b"\n")
        if len(lines) < 2 or len(lines) > 200:
            continue
        for at in range(len(lines)):
            yield _like(trial, files={**trial.files, place: b"\n".join(lines[:at] + lines[at + 1:])})


def smallest(trial, wrong, folder):
    """(trial, what is wrong with it), with nothing left that could be taken away."""
    if not wrong:
        return trial, wrong
    kind = wrong[0].split(":")[0]
    again = True
    while again:
        again = False
        for smaller in list(_smaller(trial)) + list(_split_records(trial)):
            found = smaller.run(folder)
            if any(sentence.split(":")[0] == kind for sentence in found):
                trial, wrong, again = smaller, found, True
                break
    trial.run(folder)
    return trial, wrong
