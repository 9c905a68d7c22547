# SPDX-License-Identifier: MIT
"""The templates for other people's CI (harness/ci/): their steps, run in a repository such as they are made for.

What only the services can do (check out, upload) is left out; the rest is run as it stands, by the shell that the
service would take."""

import json
import os
import re
import shutil
import subprocess

from support import expect, expect_status, FIXTURES, patched, refold, ROOT, Scratch, slow, with_package
from trees import command, fresh_tree

CI = os.path.join(ROOT, "harness", "ci")
CONFIG = {"source": ["history/"], "aggregates": {"order": {"plugin": "build/order.so"}}}
BUG = ("order->items++;", "order->items += 2;")
LOAD = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin), default=str))"


def load(name):
    """A template's YAML."""
    with open(os.path.join(CI, name), "rb") as f:
        return json.loads(with_package("yaml", LOAD, f.read()))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


VERSION = re.search(r"^VERSION := (.*)$", read("Makefile"), re.M).group(1)


def git(folder, *words):
    return command("git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com", *words).strip()


def commit(folder, message):
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")


class Team:
    """A repository with an aggregate, its history and its golden, on a branch main and on one with a bug."""

    def __init__(self, scratch):
        self.tool = fresh_tree(os.path.join(scratch, "tool"))
        git(scratch, "init", "-q", "-b", "main", self.tool)
        commit(self.tool, "refold")
        git(self.tool, "tag", "v" + VERSION)
        self.folder = os.path.join(scratch, "team")
        self.home = os.path.join(scratch, "home")
        os.makedirs(os.path.join(self.folder, "aggregates"))
        os.makedirs(self.home)
        git(scratch, "init", "-q", "-b", "main", self.folder)
        self.source = os.path.join(self.folder, "aggregates", "order.c")
        shutil.copy(os.path.join(ROOT, "aggregates", "order.c"), self.source)
        shutil.copytree(os.path.join(FIXTURES, "talk-orders", "events"), os.path.join(self.folder, "history"))
        with open(os.path.join(self.folder, "refold.json"), "w", encoding="utf-8") as f:
            json.dump(CONFIG, f)
        with open(os.path.join(self.folder, ".gitignore"), "w", encoding="utf-8") as f:
            f.write("build/\nreport/\n")
        self.bless()
        self.base = commit(self.folder, "orders")
        patched(self.source, self.source, *BUG)
        commit(self.folder, "a change")

    def bless(self):
        expect_status(refold("bless", "-q", "-a", "aggregates/order.c", cwd=self.folder), 0, "bless")

    def at(self, revision):
        git(self.folder, "checkout", "-q", revision)
        for name in ("build", "report"):
            shutil.rmtree(os.path.join(self.folder, name), ignore_errors=True)

    def reports(self):
        folder = os.path.join(self.folder, "report")
        return {name: os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)}


def check_reports(team, wanted):
    """All of them, and none is empty."""
    expect(sorted(team.reports()), sorted(wanted), "reports")
    assert all(team.reports().values()), team.reports()


class Github:
    """A job's steps as the runner does them: bash -e for each, with what those before gave to the environment."""

    def __init__(self, team, pull_request):
        self.workflow = load("github-refold.yml")
        self.team = team
        self.pull_request = pull_request
        self.temp = os.path.join(os.path.dirname(team.folder), "runner")
        os.makedirs(self.temp, exist_ok=True)
        self.files = {name: os.path.join(self.temp, name.lower())
                      for name in ("GITHUB_PATH", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")}
        for path in self.files.values():
            with open(path, "w", encoding="utf-8"):
                pass
        expect(self.workflow["env"]["TOOL_VERSION"], "v" + VERSION, "TOOL_VERSION")
        self.env = dict(self.workflow["env"], PATH="/usr/bin:/bin", HOME=team.home, RUNNER_TEMP=self.temp, CI="true",
                        GITHUB_ACTIONS="true", TOOL=team.tool, NO_SETUP="1", CFLAGS="-O0 -U_FORTIFY_SOURCE",
                        **self.files)

    def value(self, expression):
        """Of an expression in ${{ }}; one that this test does not know is an error."""
        return {"${{ !cancelled() }}": True,
                "${{ !cancelled() && github.event_name == 'pull_request' }}": self.pull_request,
                "${{ github.event.pull_request.base.sha }}": self.team.base}[expression]

    def wants(self, step, failed):
        return self.value(step["if"]) if "if" in step else not failed

    def run(self, skip=()):
        """name -> exit status, of the steps that are commands."""
        statuses = {}
        for step in self.workflow["jobs"]["refold"]["steps"]:
            if "run" not in step or step["name"] in skip or not self.wants(step, any(statuses.values())):
                continue
            env = dict(self.env, **{k: self.value(v) for k, v in step.get("env", {}).items()})
            done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=self.team.folder, env=env, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
            statuses[step["name"]] = done.returncode
            self.output = done.stdout.decode("utf-8", "replace")
            if done.returncode not in (0, 1):
                raise AssertionError("%s: exit status %d\n%s" % (step["name"], done.returncode, self.output))
            self.take_files()
        return statuses

    def take_files(self):
        with open(self.files["GITHUB_PATH"], encoding="utf-8") as f:
            folders = [line for line in f.read().split("\n") if line]
        self.env["PATH"] = ":".join(folders[::-1] + ["/usr/bin:/bin"])
        with open(self.files["GITHUB_ENV"], encoding="utf-8") as f:
            self.env.update(line.split("=", 1) for line in f.read().split("\n") if line)


def check_github(team):
    install, build, golden, compare = ("Install refold", "Build the aggregate", "Hold it against the golden",
                                       "Compare it with the target branch")
    of_run, of_compare = ["run.xml", "run.json"], ["compare.xml", "compare.md"]
    team.at(team.base)
    job = Github(team, pull_request=False)
    expect(job.run(), {install: 0, build: 0, golden: 0}, "a push of what was blessed")
    check_reports(team, of_run)
    installed = job.env["PATH"].split(":")[0]
    assert os.path.exists(os.path.join(installed, "refold")) and installed.startswith(team.home), installed

    def pull_request(revision):
        team.at(revision)
        job = Github(team, pull_request=True)
        with open(job.files["GITHUB_PATH"], "w", encoding="utf-8") as f:
            f.write(installed + "\n")
        job.take_files()
        job.env["PKG_CONFIG_PATH"] = os.path.join(team.home, ".local", "lib", "pkgconfig")
        return job, job.run(skip=[install])

    job, statuses = pull_request("main")
    expect(statuses, {build: 0, golden: 1, compare: 0}, "a pull request with a bug")
    check_reports(team, of_run + of_compare)
    assert "::notice" in job.output or "::error" in job.output or "::warning" in job.output, job.output
    assert os.path.getsize(job.files["GITHUB_STEP_SUMMARY"]) > 0, "no summary"
    team.bless()
    commit(team.folder, "golden: as it is meant now")
    job, statuses = pull_request("main")
    expect(statuses, {build: 0, golden: 0, compare: 0}, "the same, blessed")
    job, statuses = pull_request(team.base)
    expect(statuses, {build: 0, golden: 0, compare: 0}, "a pull request that changes nothing")
    team.at("main")
    os.remove(team.source)
    expect(job.run(skip=[install]), {build: 1, compare: 1}, "a pull request without the aggregate")
    git(team.folder, "checkout", "-q", "--", "aggregates")


def gitlab(team, job_name):
    """One job: its lines in one shell. Those that install are the other template's, and done."""
    template = load("gitlab-refold.yml")
    job = dict(template[".refold"], **template[job_name])
    expect(job["variables"]["TOOL_VERSION"], "v" + VERSION, "TOOL_VERSION")
    installing = [line for line in job["before_script"] if re.match(r"apt-get|git|make", line)]
    expect(len(installing), 4, "lines that install")
    assert 'install PREFIX="$HOME/.local"' in installing[-1], installing
    lines = [line for line in job["before_script"] + job["script"] if line not in installing]
    env = dict(job["variables"], PATH="/usr/bin:/bin", HOME=team.home, CI="true", GITLAB_CI="true",
               CI_MERGE_REQUEST_DIFF_BASE_SHA=team.base)
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", "\n".join(lines)], cwd=team.folder, env=env, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def check_gitlab(team):
    """Behind check_github: main is a change that is blessed, main~1 the same, not blessed."""
    for revision, wanted in ((team.base, 0), ("main~1", 1), ("main", 0)):
        team.at(revision)
        status, output = gitlab(team, "refold-run")
        expect(status, wanted, "refold-run: " + output)
        check_reports(team, ["run.xml", "run.json"])
        status, output = gitlab(team, "refold-compare")
        expect(status, 0, "refold-compare: " + output)
        check_reports(team, ["run.xml", "run.json", "compare.xml", "compare.md"])
        expect("\nchanged: " in output, revision != team.base, "refold-compare: " + output)


@slow
def test_the_templates_do_what_they_say():
    with Scratch() as scratch:
        team = Team(scratch)
        check_github(team)
        check_gitlab(team)


def test_the_dockerfile_is_of_this_tree():
    """There is no docker here: only what can be read in it."""
    text = read("harness", "ci", "Dockerfile")
    steps = re.findall(r"^([A-Z]+) ((?:.*\\\n)*.*)$", text, re.M)
    expect(re.search(r'image\.version="(.*?)"', text).group(1), VERSION, "the label's version")
    images = [rest.split()[0] for word, rest in steps if word == "FROM"]
    assert images and all(re.fullmatch(r"[a-z]+:[a-z0-9.-]+", image) and not image.endswith(":latest") for image in images)
    last = text[text.rindex("FROM"):]
    assert re.search(r"^USER (?!root|0)", last, re.M) and "LABEL" in last and 'ENTRYPOINT ["refold"]' in last, last
    for word, rest in steps:
        if word == "RUN":
            command("sh", "-n", "-c", rest)
        elif word == "COPY" and not rest.startswith("--from"):
            assert os.path.exists(os.path.join(ROOT, rest.split()[0])), rest
    assert steps[0][0] == "FROM" and len(steps) > 10, steps
