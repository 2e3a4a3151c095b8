# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of the benchmark, by name."""

import os
import re
import time

import costs
import growth
import latency
import windows as w
from compare import compare
from measure import Failure, note


# With --quick no part begins later than that: how many there are depends on what else the machine does.
QUICK_SECONDS = 40


class Setting:
  """The repository's copy and its windows, found once."""

  def __init__(self, machine, a):
    self.machine, self.a = machine, a
    self.ends = time.monotonic() + QUICK_SECONDS if a.quick else None
    repo = w.git_dir(machine, os.path.abspath(a.repo))
    self.config = w.write_config(machine, a.config, repo)
    note("copying the refs, finding the windows")
    self.copy = w.borrow(machine, repo, os.path.join(machine.memory, "repo.git"), self.config)
    self.windows = w.find(machine, self.copy, a.config, a.lines)

  def is_late(self):
    """With --quick: nothing more is to begin."""
    return self.ends is not None and time.monotonic() > self.ends

  def loaded(self, last=None):
    """The windows, or the last of them, each with its picks."""
    windows = self.windows[-last:] if last else self.windows
    for x in windows:
      if not hasattr(x, "order"):
        x.load(self.machine, self.copy)
    return windows

  def lines_now(self, repo, config):
    """(base, tip) of the lines as they are, each with its `derived` ref."""
    out = []
    text = self.machine.output([self.machine.xsabot, "-c", config, "check-config"])
    for line in text.split("\n"):
      m = re.match(r"(\S+): (refs/\S+) on (\S+) -> (refs/\S+)", line)
      if m and w.wanted(m.group(1), self.a.lines):
        x = w.Window(m.group(1), m.group(3), m.group(2))
        x.derived = m.group(4)
        out.append(x)
    return out

  def pick_one(self, base, tip, skips):
    """Xen's window of that name; elsewhere a small one, where picks are (not) skipped."""
    for x in self.windows:
      if (x.base, x.tip) == (base, tip):
        return x if hasattr(x, "order") else x.load(self.machine, self.copy)
    fit = [x for x in self.loaded() if x.order and (x.n_skipped > 0) == skips]
    fit.sort(key=lambda x: (abs(len(x.order) - (90 if skips else 45)), x.name))
    return fit[0] if fit else None

  def usual(self):
    """A window without conflicts, loaded."""
    x = self.pick_one("RELEASE-4.20.3", "RELEASE-4.20.4", False)
    if not x:
      raise Failure("no window has fixes that all apply")
    return x


def one_window(s, name, base, tip, skips):
  x = s.pick_one(base, tip, skips)
  if not x:
    return {"name": name, "skipped": "no window " + ("with" if skips else "without") + " conflicts"}
  return compare(s.machine, s.copy, name, [x], some(s, 1, 5), s.a.peers)


def some(s, quick, full):
  """A number of runs."""
  return s.a.rounds or (quick if s.a.quick else full)


PARTS = {
    "w20": lambda s: one_window(s, "w20", "RELEASE-4.20.3", "RELEASE-4.20.4", False),
    "w13": lambda s: one_window(s, "w13", "RELEASE-4.13.4", "RELEASE-4.13.5", True),
    "start": lambda s: costs.start(s, some(s, 5, 21)),
    "plan": lambda s: costs.planning(s, some(s, 1, 5)),
    "discovery": lambda s: costs.discovery(s, some(s, 1, 2)),
    "publish": lambda s: costs.publication(s, some(s, 2, 5)),
    "hook": lambda s: latency.hook(s, 40 if s.a.quick else 400),
    "push": lambda s: latency.push(s, *((12, 6) if s.a.quick else (200, 150))),
    "commits": lambda s: growth.commits(s, some(s, 1, 3)),
    "lines": lambda s: growth.lines(s, some(s, 1, 3)),
    "paths": lambda s: growth.paths(s, some(s, 1, 3)),
    "tags": lambda s: growth.tags(s, some(s, 1, 3)),
    "history": lambda s: growth.history(s, some(s, 1, 3)),
    "all": lambda s: compare(s.machine, s.copy, "all", s.windows, s.a.rounds or 1, s.a.peers),
}
NAMES = list(PARTS)


# What tells most comes first.
QUICK = ["w20", "start", "plan", "hook", "publish", "push", "w13", "discovery"]
QUICK += [n for n in NAMES if n not in QUICK and n != "all"]


def run(machine, a):
  order = QUICK if a.quick else NAMES
  names = a.only.split(",") if a.only else order
  s, done, left = Setting(machine, a), [], []
  for name in [n for n in order + ["all"] * a.quick if n in names]:
    if done and s.is_late():
      left.append(name)
      continue
    note(name)
    began = time.monotonic()
    yield name, PARTS[name](s)
    done.append("%s (%.0f s)" % (name, time.monotonic() - began))
  if a.quick:
    note("measured: " + ", ".join(done))
  if left:
    note("not measured, as that is all that --quick takes time for: %s; --only names what shall be" % " ".join(left))
