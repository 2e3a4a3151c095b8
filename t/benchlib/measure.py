# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs programs, says what they cost, and compares in pairs.

CPU is user + system of the program and all its children, as wait4 gives it.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys


class Failure(Exception):
  """The benchmark cannot go on."""


def note(text):
  print("bench: " + text, file=sys.stderr, flush=True)


class Cost:
  """CPU and wall in seconds, memory in KiB; a sum of costs has the largest memory."""

  def __init__(self, cpu=0.0, wall=0.0, kib=0):
    self.cpu, self.wall, self.kib = cpu, wall, kib

  def __add__(self, other):
    return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.kib, other.kib))


def clean_env(home):
  """Nobody's settings, a fixed committer, no gc behind our back."""
  env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
  env.update(
      HOME=home,
      XDG_CONFIG_HOME=home,
      LC_ALL="C",
      TZ="UTC",
      GIT_CONFIG_NOSYSTEM="1",
      GIT_AUTHOR_NAME="bench",
      GIT_AUTHOR_EMAIL="bench@example.com",
      GIT_COMMITTER_NAME="bench",
      GIT_COMMITTER_EMAIL="bench@example.com",
      GIT_COMMITTER_DATE="1700000000 +0000",
      GIT_EDITOR=":",
  )
  with open(os.path.join(home, ".gitconfig"), "w") as f:
    f.write("[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[advice]\n\tdetachedHead = false\n")
    f.write("[safe]\n\tdirectory = *\n")
  return env


def failed(argv, status, stderr):
  return Failure("%s: status %d: %s" % (" ".join(argv), status, stderr.decode(errors="replace").strip()))


class Machine:
  """Where things are: programs, a directory in memory, one on a disk."""

  def __init__(self, programs, memory, disk):
    self.xsabot = programs["xsabot"]
    self.hook = programs["hook"]
    self.run_tool = programs["run"]
    self.peer_tool = programs["peer"]
    self.git = shutil.which("git")
    self.new_git = programs["git"]
    self.memory, self.disk = memory, disk
    home = os.path.join(memory, "home")
    os.makedirs(home)
    self.env = clean_env(home)
    self.counter = 0

  def fresh(self, name, on_disk=False):
    """A path in memory, or on the disk, that nothing has yet."""
    self.counter += 1
    return os.path.join(self.disk if on_disk else self.memory, "%s-%d" % (name, self.counter))

  def output(self, argv, cwd=None, stdin=None, env=None, statuses=(0,)):
    """What a program prints; nothing is measured."""
    p = subprocess.run(argv, cwd=cwd, input=stdin, env=env or self.env, capture_output=True)
    if p.returncode not in statuses:
      raise failed(argv, p.returncode, p.stderr)
    return p.stdout.decode(errors="surrogateescape")

  def measure(self, argv, cwd=None, stdin=None, env=None, statuses=(0,)):
    """The program's cost, and what it printed."""
    report = os.path.join(self.memory, "cost")
    p = subprocess.run([self.run_tool, "time", report] + argv, cwd=cwd, input=stdin, env=env or self.env,
                       capture_output=True)
    if p.returncode:
      raise failed(argv, p.returncode, p.stderr)
    with open(report) as f:
      r = json.load(f)
    if r["status"] not in statuses:
      raise failed(argv, r["status"], p.stderr)
    return Cost(r["cpu"], r["wall"], r["kib"]), p.stdout.decode(errors="surrogateescape")


def seconds(s):
  for unit, least, text in ((1, 10, "%.1f s"), (1, 1, "%.2f s"), (1e3, 0.1, "%.0f ms"), (1e3, 1e-3, "%.1f ms")):
    if s >= least:
      return text % (s * unit)
  return "%.0f us" % (s * 1e6)


def median(values):
  return statistics.median(values)


def percentile(values, p):
  """The nearest rank."""
  v = sorted(values)
  return v[min(len(v) - 1, max(0, -(-len(v) * p // 100) - 1))]


class Series:
  """The costs of one program, and its quotients with what ran directly before it."""

  def __init__(self, name, says):
    self.name, self.says = name, says
    self.costs, self.cpu_ratios, self.wall_ratios, self.one_ratios = [], [], [], []
    self.skipped = None

  def add(self, cost, before=None):
    self.costs.append(cost)
    if before is not None:
      self.cpu_ratios.append(cost.cpu / before.cpu)
      self.wall_ratios.append(cost.wall / before.wall)

  def figures(self):
    f = {"name": self.name, "what": self.says, "rounds": len(self.costs)}
    if self.skipped:
      f["skipped"] = self.skipped
    if self.costs:
      f["cpu"] = median([c.cpu for c in self.costs])
      f["wall"] = median([c.wall for c in self.costs])
      f["mib"] = max(c.kib for c in self.costs) / 1024
    if self.cpu_ratios:
      f["cpu_ratio"] = median(self.cpu_ratios)
      f["wall_ratio"] = median(self.wall_ratios)
      f["cpu_ratios"] = self.cpu_ratios
    if self.one_ratios:
      f["one_process_ratio"] = median(self.one_ratios)
    return f
