# SPDX-License-Identifier: MIT
"""The templates for other people's CI (harness/ci/): their steps, run in a repository such as they are made for.

What only the services can do (check out, upload) is left out; the rest is run as it stands, by the shell that the
service would take."""

import json
import os
import re
import shutil
import subprocess

from scripted import Bucket, Keys, Server, small_history, small_order
from support import expect, expect_status, FIXTURES, patched, refold, REFOLD, ROOT, Scratch, slow, with_package, write_bytes
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
        self.tool = os.path.join(scratch, "tool")
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

    def publish_tool(self):
        """refold, as the jobs install it."""
        fresh_tree(self.tool)
        git(self.tool, "init", "-q", "-b", "main")
        commit(self.tool, "refold")
        git(self.tool, "tag", "v" + VERSION)

    def install_build(self):
        """The build at hand, in the place where the jobs install theirs."""
        local = os.path.join(self.home, ".local")
        os.makedirs(os.path.join(local, "bin"))
        os.symlink(REFOLD, os.path.join(local, "bin", "refold"))
        write_bytes(os.path.join(local, "lib", "pkgconfig", "refold.pc"), b"Name: refold\nDescription: refold\nVersion: %s\nCflags: -I%s\n" % (
            VERSION.encode(), os.path.join(ROOT, "harness", "include").encode()))
        return {"PATH": os.path.join(local, "bin") + ":/usr/bin:/bin", "PKG_CONFIG_PATH": os.path.join(local, "lib", "pkgconfig")}

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

    def __init__(self, team, name="github-refold.yml", **values):
        """@values  of the expressions that stand in the workflow, by the last word of each: event_name="push" """
        self.workflow = load(name)
        self.team = team
        self.values = values
        self.path = "/usr/bin:/bin"
        self.temp = os.path.join(os.path.dirname(team.folder), "runner")
        os.makedirs(self.temp, exist_ok=True)
        self.files = {name: os.path.join(self.temp, name.lower())
                      for name in ("GITHUB_PATH", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")}
        for path in self.files.values():
            with open(path, "w", encoding="utf-8"):
                pass
        expect(self.workflow["env"]["TOOL_VERSION"], "v" + VERSION, "TOOL_VERSION")
        self.env = dict(self.workflow["env"], PATH=self.path, HOME=team.home, RUNNER_TEMP=self.temp, CI="true",
                        GITHUB_ACTIONS="true", TOOL=team.tool, NO_SETUP="1", CFLAGS="-O0 -U_FORTIFY_SOURCE",
                        **self.files)

    def value(self, expression):
        """Of an expression in ${{ }}; one that this test does not know is an error."""
        event = re.fullmatch(r"\$\{\{ (?:!cancelled\(\) && )?github\.event_name == '(\w+)' \}\}", expression)
        if event:
            return event.group(1) == self.values["event_name"]
        return {"${{ !cancelled() }}": True, "${{ github.event.pull_request.base.sha }}": self.team.base}[expression]

    def wants(self, step, failed):
        return self.value(step["if"]) if "if" in step else not failed

    def run(self, skip=(), passing=(0, 1)):
        """name -> exit status, of the steps that are commands."""
        statuses = {}
        (job,) = self.workflow["jobs"].values()
        for step in job["steps"]:
            if "run" not in step or step["name"] in skip or not self.wants(step, any(statuses.values())):
                continue
            env = dict(self.env, **{k: self.value(v) for k, v in step.get("env", {}).items()})
            done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=self.team.folder, env=env, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
            statuses[step["name"]] = done.returncode
            self.output = done.stdout.decode("utf-8", "replace")
            if done.returncode not in passing:
                raise AssertionError("%s: exit status %d\n%s" % (step["name"], done.returncode, self.output))
            self.take_files()
        return statuses

    def take_files(self):
        with open(self.files["GITHUB_PATH"], encoding="utf-8") as f:
            folders = [line for line in f.read().split("\n") if line]
        self.env["PATH"] = ":".join(folders[::-1] + [self.path])
        with open(self.files["GITHUB_ENV"], encoding="utf-8") as f:
            self.env.update(line.split("=", 1) for line in f.read().split("\n") if line)


def check_github(team):
    install, build, golden, compare = ("Install refold", "Build the aggregate", "Hold it against the golden",
                                       "Compare it with the target branch")
    of_run, of_compare = ["run.xml", "run.json"], ["compare.xml", "compare.md"]
    team.at(team.base)
    job = Github(team, event_name="push")
    expect(job.run(), {install: 0, build: 0, golden: 0}, "a push of what was blessed")
    check_reports(team, of_run)
    installed = job.env["PATH"].split(":")[0]
    assert os.path.exists(os.path.join(installed, "refold")) and installed.startswith(team.home), installed

    def pull_request(revision):
        team.at(revision)
        job = Github(team, event_name="pull_request")
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


def gitlab(team, job_name, name="gitlab-refold.yml", **more):
    """One job: its lines in one shell. Those that install are the other template's, and done."""
    template = load(name)
    job = dict(template.get(".refold", {}), **template[job_name])
    expect(job["variables"]["TOOL_VERSION"], "v" + VERSION, "TOOL_VERSION")
    installing = [line for line in job["before_script"] if re.match(r"apt-get|git|make", line)]
    expect(len(installing), 4, "lines that install")
    assert 'install PREFIX="$HOME/.local"' in installing[-1], installing
    lines = [line for line in job["before_script"] + job["script"] if line not in installing]
    env = dict(job["variables"], PATH="/usr/bin:/bin", HOME=team.home, CI="true", GITLAB_CI="true",
               CI_MERGE_REQUEST_DIFF_BASE_SHA=team.base)
    env.update(more)
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


# ---- a history in a bucket -------------------------------------------------------------------------------


class Lent:
    """A bucket that grows by the day, and the two servers that let a job read it: one says who the job is (GitHub's), one
    gives credentials for that (AWS's STS)."""

    WORD = "canary-of-the-job"

    def __init__(self, team):
        self.members = small_history()  # of two days
        self.bucket = Bucket(self.members)
        self.bucket.KEY = dict(Bucket.KEY, token="lent")
        self.golden = os.path.join(team.folder, "golden-history")
        self.team = team
        given = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>%(id)s</AccessKeyId>" \
                "<SecretAccessKey>%(secret)s</SecretAccessKey><SessionToken>%(token)s</SessionToken><Expiration>2099-01-01T00:00:00Z" \
                "</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>" % self.bucket.KEY
        self.sts = Server({"/": given.encode()})
        self.github = Server({"/token?v=1&audience=sts.amazonaws.com": json.dumps({"count": 1, "value": self.WORD}).encode()})

    def __enter__(self):
        for server in (self.bucket, self.sts, self.github):
            server.__enter__()
        return self

    def __exit__(self, *how):
        for server in (self.bucket, self.sts, self.github):
            server.__exit__(*how)

    def add(self, members):
        self.members.update(members)
        self.bucket.keys = Keys(self.members)
        self.bucket.about = self.bucket.keys.size_and_etag

    def bless(self):
        """By whoever may, of what is there."""
        folder = os.path.join(self.team.home, "mirror")
        for key, data in self.members.items():
            write_bytes(os.path.join(folder, key), data)
        shutil.rmtree(self.golden, ignore_errors=True)
        expect_status(refold("bless", "-q", "-a", "aggregates/order.c", "-g", self.golden, folder, cwd=self.team.folder), 0, "bless")

    def environment(self, today):
        return {"HISTORY": "s3://history/", "TODAY": today, "AWS_REGION": self.bucket.REGION, "AWS_ENDPOINT_URL_S3": self.bucket.base,
                "AWS_ENDPOINT_URL_STS": self.sts.base, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "ours",
                "ACTIONS_ID_TOKEN_REQUEST_URL": self.github.base + "/token?v=1", "AWS_TOKEN": self.WORD}

    def asked(self, run):
        """What run() returns, and the keys that were read meanwhile."""
        before = len(self.bucket.requests)
        got = run()
        return got, [path[len("/history/"):] for path, _ in self.bucket.requests[before:] if path.startswith("/history/20")]


def objects_of(team):
    with open(os.path.join(team.folder, "report", "run.json"), encoding="utf-8") as f:
        return json.load(f)["history"]["objects"]


def check_history(team, lent, run):
    """@run  one job: (event, day) -> exit status"""
    shutil.rmtree(os.path.join(team.folder, "packs"), ignore_errors=True)
    for name in [k for k in lent.members if k >= "2017/03/03"]:
        del lent.members[name]
    lent.add({})
    lent.bless()
    status, read = lent.asked(lambda: run("push", "2017-03-03"))
    expect((status, sorted(read), objects_of(team)), (0, sorted(lent.members), 6), "the first merge reads all")
    late, new = ["2017/03/%02d/05/orders-1-late-%d" % (day, day) for day in (2, 3)]
    lent.add({late: small_order(b"late", 2), new: small_order(b"new", 2)})
    status, read = lent.asked(lambda: run("push", "2017-03-04"))
    expect((status, objects_of(team)), (0, 8), "the next one, a day later")
    expect([key for key in read if key < "2017/03/02"], [], "days that are over are not read again")
    expect({late, new} <= set(read), True, "what came since is")
    today = "2017/03/04/01/orders-1-today"
    lent.add({today: small_order(b"today", 2)})
    status, read = lent.asked(lambda: run("schedule", "2017-03-04"))
    expect((status, set(read), objects_of(team)), (0, set(lent.members), 9), "at night all is read")
    # An object that is not what it was: the pack remembers.
    lent.add({sorted(lent.members)[0]: small_order(b"o0", 4)})
    expect(run("schedule", "2017-03-04"), 2, "an object that was changed")
    expect(lent.bucket.refused, [], "signatures")
    for server, word in ((lent.github, "ours"), (lent.bucket, "lent")):
        expect(all(word in str(headers) for _, headers in server.requests), True, "credentials")
    expect(len(lent.sts.requests) > 0, True, "credentials were lent")


def github_history(team, lent, installed):
    def run(event, today):
        shutil.rmtree(os.path.join(team.folder, "report"), ignore_errors=True)
        job = Github(team, "github-history.yml", event_name=event)
        job.env.update(lent.environment(today), **installed)
        job.path = installed["PATH"]
        statuses = job.run(skip=["Install refold"], passing=(0, 1, 2))
        assert Lent.WORD not in job.output, job.output
        return max(statuses.values())
    return run


def gitlab_history(team, lent, installed):
    def run(event, today):
        shutil.rmtree(os.path.join(team.folder, "report"), ignore_errors=True)
        status, output = gitlab(team, "refold-history", "gitlab-history.yml", CI_PIPELINE_SOURCE=event,
                                **installed, **lent.environment(today))
        assert Lent.WORD not in output, output
        return status
    return run


@slow
def test_the_templates_do_what_they_say():
    with Scratch() as scratch:
        team = Team(scratch)
        team.publish_tool()
        check_github(team)
        check_gitlab(team)


@slow
def test_the_templates_bring_a_history_from_its_bucket():
    with Scratch() as scratch:
        team = Team(scratch)
        installed = team.install_build()
        team.at(team.base)
        for jobs in (github_history, gitlab_history):
            with Lent(team) as lent:
                check_history(team, lent, jobs(team, lent, installed))


def test_a_pack_is_kept_whatever_the_verdict_is():
    steps = [step.get("uses", step.get("name", "")) for step in load("github-history.yml")["jobs"]["history"]["steps"]]
    order = ["actions/cache/restore@v4", "Bring the pack up to today", "actions/cache/save@v4", "Hold it against the golden"]
    expect([step for step in steps if step in order], order, "steps")
    expect(load("gitlab-history.yml")["refold-history"]["cache"]["when"], "always", "GitLab's cache")


def test_only_one_branch_of_one_repository_may_take_the_role():
    for name in ("github", "gitlab"):
        (trust,) = json.loads(read("harness", "ci", "refold-trust-%s.json" % name))["Statement"]
        expect(trust["Action"], "sts:AssumeRoleWithWebIdentity", name)
        told = {key.split(":")[-1]: value for key, value in trust["Condition"]["StringEquals"].items()}
        assert "*" not in told["sub"] and set(told) == {"aud", "sub"}, told
    audience = json.loads(read("harness", "ci", "refold-trust-gitlab.json"))["Statement"][0]["Condition"]["StringEquals"]["gitlab.com:aud"]
    expect(load("gitlab-history.yml")["refold-history"]["id_tokens"]["AWS_TOKEN"]["aud"], audience, "GitLab's audience")


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
