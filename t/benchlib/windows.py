# SPDX-License-Identifier: GPL-2.0-or-later
"""The windows of a repository, and what is to be picked in each, as xsabot's configuration and plans say it."""

import configparser
import json
import os
import re
import shutil

from measure import Failure

# What xsabot is told when the same picks as its peers make are measured.
ONLY_TAGGED = ["--no-discover", "--no-follow-ups", "--no-meaning"]


class Window:
  """BASE..TIP of LINE; names of refs, or ids."""

  def __init__(self, line, base, tip):
    self.line, self.base, self.tip = line, base, tip
    self.name = base + ".." + tip

  def load(self, machine, copy):
    """The commits to try, in their order, with the tree that xsabot's plan gives."""
    out = machine.output(copy.xsabot(machine, "plan", self, ["--format=json"] + ONLY_TAGGED), statuses=(0, 1))
    plan = json.loads(out)["lines"][0]
    self.picks = [(p["commit"], p["tree"]) for p in plan["picks"]]
    self.base_id = plan["base"]["commit"]
    self.commits = plan["counts"]["window"]
    skipped = {p["commit"] for p in plan["left_out"] if p["reason"] in ("pending", "empty")}
    self.n_skipped = len(skipped)
    made = {c for c, _ in self.picks}
    order = machine.output([machine.git, "-C", copy.path, "rev-list", "--topo-order", "--reverse",
                            self.base_id + ".." + plan["tip"]]).split()
    self.order = merge_orders([c for c in order if c in made | skipped], [c for c, _ in self.picks], skipped)
    return self


def merge_orders(staging, picks, skipped):
  """The picks as they were made; each skipped one before the first that comes after it in staging."""
  place = {c: i for i, c in enumerate(staging)}
  rest = sorted((place[c], c) for c in skipped if c in place)
  out = []
  for c in picks:
    while rest and rest[0][0] < place.get(c, -1):
      out.append(rest.pop(0)[1])
    out.append(c)
  return out + [c for _, c in rest]


class Copy:
  """A bare repository that borrows the objects of another; its clones begin without an object of their own."""

  def __init__(self, machine, path, config):
    self.path, self.config = path, config

  def xsabot(self, machine, verb, window, options):
    return [machine.xsabot, "-q", "-c", self.config, "-C", self.path, verb, window.line,
            "--base", window.base, "--tip", window.tip] + options

  def fresh(self, machine, on_disk=False):
    path = machine.fresh("copy", on_disk)
    shutil.copytree(self.path, path, ignore=lambda d, names: ["pack"] if d.endswith("objects") else [])
    os.makedirs(os.path.join(path, "objects", "pack"))
    return Copy(machine, path, self.config)

  def remove(self):
    shutil.rmtree(self.path, ignore_errors=True)
    shutil.rmtree(self.path + ".xsabot", ignore_errors=True)


def git_dir(machine, repo):
  return machine.output([machine.git, "-C", repo, "rev-parse", "--absolute-git-dir"]).strip()


def borrow(machine, repo, path, config):
  machine.output([machine.git, "clone", "-q", "--mirror", "--shared", repo, path])
  return Copy(machine, path, config)


def write_config(machine, given, repo):
  """The given configuration, or Xen's defaults, with `on-block = skip`."""
  path = os.path.join(machine.memory, "bench.conf")
  lines = ["[repository]", "path = " + repo]
  if given:
    with open(given) as f:
      lines = [x.rstrip("\n") for x in f]
    lines = [x for x in lines if not re.match(r"\s*on-block\s*=", x)]
  with open(path, "w") as f:
    f.write("\n".join(lines + ["[policy]", "on-block = skip", ""]))
  return path


def plain_config(config, repo, more, drop=()):
  """A configuration for REPO, beside it: that of CONFIG without the keys DROP and those of places, and MORE."""
  path, drop = repo + ".conf", ("path", "state", "spool") + tuple(drop)
  with open(config) as f:
    lines = [x for x in f.read().split("\n") if x.split("=")[0].strip() not in drop]
  with open(path, "w") as f:
    f.write("\n".join(lines + ["[repository]", "path = " + repo] + list(more) + [""]))
  return path


def release_pattern(given):
  if given:
    c = configparser.RawConfigParser(strict=False, interpolation=None, allow_no_value=True)
    c.read(given)
    if c.has_option("lines", "release"):
      return c.get("lines", "release")
  return "refs/tags/RELEASE-{line}.{n}"


def numbers(text):
  return [int(x) for x in re.findall(r"\d+", text)]


def wanted(line, which):
  if not which or which == "*":
    return True
  if which.endswith("-"):
    return numbers(line) >= numbers(which)
  return line in which.replace(",", " ").split()


def releases_of(line, pattern, tags):
  name = re.escape(pattern.replace("{line}", line))
  regex = re.compile(name.replace(re.escape("{n}"), r"(\d+(?:\.\d+)*)") + "$")
  found = [(numbers(m.group(1)), t) for t in tags if (m := regex.match(t))]
  return [t.removeprefix("refs/tags/") for _, t in sorted(found)]


def find(machine, copy, given, which):
  """All windows between releases that follow each other, and from the last one to staging."""
  git = [machine.git, "-C", copy.path]
  tags = machine.output(git + ["for-each-ref", "--format=%(refname)", "refs/tags"]).split("\n")
  pattern = release_pattern(given)
  out = []
  for text in machine.output([machine.xsabot, "-c", copy.config, "-C", copy.path, "check-config"]).split("\n"):
    m = re.match(r"(\S+): (refs/\S+) on \S+ -> ", text)
    releases = releases_of(m.group(1), pattern, tags) if m and wanted(m.group(1), which) else []
    if not releases:
      continue
    ends = releases[1:] + [m.group(2)]
    for a, b in zip(releases, ends):
      ahead = machine.output(git + ["rev-list", "--count", "%s..%s" % (a, b)]).strip()
      behind = machine.output(git + ["rev-list", "--count", "%s..%s" % (b, a)]).strip()
      if ahead != "0" and behind == "0":
        out.append(Window(m.group(1), a, b))
  if not out:
    raise Failure("no window between releases was found; see --lines and -c")
  return out


def parents_of(machine, copy, commits):
  """{commit: its parents}"""
  if not commits:
    return {}
  out = machine.output([machine.git, "-C", copy.path, "rev-list", "--no-walk=unsorted", "--parents", "--stdin"],
                       stdin=("\n".join(commits) + "\n").encode())
  return {x.split()[0]: x.split()[1:] for x in out.strip().split("\n")}
