# SPDX-License-Identifier: GPL-2.0-or-later
"""How cost grows with one dimension of a repository that is made for it, with Xen's names."""

import shutil
import subprocess

from measure import Failure, note
from windows import ONLY_TAGGED

FILE_LINES = 80
ACTIVE = 997  # files that commits change; each change is seven lines away from the last one in its file


class Stream:
  """Writes what git fast-import reads."""

  def __init__(self, f, paths):
    self.f, self.paths, self.n, self.text = f, paths, 0, {}
    self.active = min(paths, ACTIVE)

  def put(self, text):
    self.f.write(text.encode())

  def data(self, text):
    self.put("data %d\n%s\n" % (len(text), text))

  def path(self, i):
    return "d%03d/e%02d/f%06d.c" % (i // 2500, i // 50 % 50, i)

  def content(self, i):
    if i not in self.text:
      self.text[i] = ["int v%d_%d = 0;" % (i, k) for k in range(FILE_LINES)]
    return "\n".join(self.text[i]) + "\n"

  def change(self, i):
    text = self.content(i)
    return "M 100644 inline %s\ndata %d\n%s\n" % (self.path(i), len(text), text)

  def commit(self, ref, mark, message, changes, parent=None):
    self.put("commit %s\nmark :%d\n" % (ref, mark))
    self.put("committer bench <bench@example.com> %d +0000\n" % (1600000000 + mark * 60))
    self.data(message)
    if parent:
      self.put("from :%d\n" % parent)
    self.put(changes)
    self.put("\n")

  def root(self, ref):
    """A first commit with all paths; those that nobody will change share one content."""
    self.put("blob\nmark :999999999\n")
    self.data("int unchanged;\n")
    changes = []
    for i in range(self.paths):
      changes.append(self.change(i) if i < self.active else "M 100644 :999999999 %s\n" % self.path(i))
    self.n += 1
    self.commit(ref, self.n, "the first commit\n", "".join(changes))

  def commits(self, ref, count, parent=None, first=0):
    """COUNT commits, each a line of another file; every fourth is a fix."""
    for k in range(first, first + count):
      i, line = k % self.active, k // self.active * 7 % FILE_LINES
      self.content(i)
      self.text[i][line] = "int v%d_%d = %d;" % (i, line, k + 1)
      message = "commit %d\n\n%s\n" % (k, self.reason(k))
      self.n += 1
      self.commit(ref, self.n, message, self.change(i), parent)
      parent = None

  def reason(self, k):
    """One in four is a fix; one in ten repairs something that this branch has never seen, as backports may."""
    if k % 4 == 3:
      return "This is XSA-%d." % (k + 1)
    return 'Fixes: %012x ("elsewhere %d")' % (0xABCDEF000000 + k, k) if k % 10 == 0 else "Of no importance."

  def tag(self, name, mark=None):
    self.put("reset refs/tags/%s\nfrom :%d\n\n" % (name, mark or self.n))


def make(machine, window=100, lines=1, paths=1000, tags=0, history=10):
  """A bare repository in memory."""
  path = machine.fresh("growth") + ".git"
  machine.output([machine.git, "init", "-q", "--bare", path])
  p = subprocess.Popen([machine.git, "-C", path, "fast-import", "--quiet"], stdin=subprocess.PIPE,
                       env=machine.env)
  s = Stream(p.stdin, paths)
  s.root("refs/heads/staging-4.0")
  s.commits("refs/heads/staging-4.0", history)
  base = s.n
  begin = {i: list(t) for i, t in s.text.items()}
  for k in range(lines):
    s.text = {i: list(t) for i, t in begin.items()}
    s.tag("RELEASE-4.%d.0" % k, base)
    s.commits("refs/heads/staging-4.%d" % k, window, parent=base, first=history)
  for k in range(tags):
    s.tag("unrelated-%05d" % k, base)
  p.stdin.close()
  if p.wait():
    raise Failure("git fast-import failed")
  machine.output([machine.git, "-C", path, "pack-refs", "--all"])
  config = path + ".conf"
  with open(config, "w") as f:
    f.write("[repository]\npath = %s\n" % path)
  return path, ["-q", "-c", config]


def best(machine, rounds, argv):
  """The cheapest of some runs, as other work only adds."""
  return min((machine.measure(argv, statuses=(0, 1))[0] for _ in range(rounds)), key=lambda c: c.cpu)


def per(cost, n):
  return "%.0f us" % (cost.cpu * 1e6 / n)


def dimension(s, title, head, values, row):
  rows = []
  for v in values:
    note("growth: %s: %d" % (title, v))
    rows.append(["%d" % v] + row(v))
  return {"title": title, "head": head, "rows": rows}


def commits(s, rounds):
  m = s.machine

  def row(n):
    path, here = make(m, window=n)
    trees = best(m, rounds, [m.xsabot] + here + ["plan", "--format=ids"] + ONLY_TAGGED)
    full = best(m, rounds, [m.xsabot] + here + ["plan", "--format=ids"])
    pack = best(m, rounds, [m.xsabot] + here + ["build", "4.0"])
    shutil.rmtree(path)
    return [str(n // 4), trees.cpu, full.cpu, pack.cpu, per(pack, n), "%.0f MiB" % (pack.kib / 1024)]

  return dimension(s, "commits in the window",
                   ["commits", "picks", "plan, nothing searched", "plan", "build", "a commit", "peak"],
                   (10, 100, 1000) if s.a.quick else (10, 100, 1000, 10000), row)


def lines(s, rounds):
  m = s.machine

  def row(n):
    path, here = make(m, window=8, lines=n)
    plan = best(m, rounds, [m.xsabot] + here + ["plan", "--format=ids"])
    first = m.measure([m.xsabot] + here + ["run"], statuses=(0, 1))[0]
    again = best(m, rounds, [m.xsabot] + here + ["run"])
    shutil.rmtree(path)
    shutil.rmtree(path + ".xsabot")
    return [plan.cpu, first.cpu, again.cpu, per(first, n), per(again, n), "%.0f MiB" % (first.kib / 1024)]

  return dimension(s, "lines, each with 8 commits after its release, 2 of them fixes",
                   ["lines", "plan", "first run", "run again", "first, a line", "again, a line", "peak"],
                   (1, 10, 100) if s.a.quick else (1, 10, 100, 1000), row)


def one_line(name, key, small, large):
  """A dimension that should not matter: the same window of 100 commits each time."""

  def part(s, rounds):
    m = s.machine

    def row(n):
      path, here = make(m, **{key: n})
      plan = best(m, rounds, [m.xsabot] + here + ["plan", "--format=ids"])
      build = best(m, rounds, [m.xsabot] + here + ["build", "4.0"])
      first = m.measure([m.xsabot] + here + ["run"], statuses=(0, 1))[0]
      again = best(m, rounds, [m.xsabot] + here + ["run"])
      shutil.rmtree(path)
      shutil.rmtree(path + ".xsabot")
      return [plan.cpu, build.cpu, first.cpu, again.cpu, "%.0f MiB" % (first.kib / 1024)]

    return dimension(s, name + "; a window of 100 commits, 25 of them fixes",
                     [key, "plan", "build", "first run", "run again", "peak"],
                     small if s.a.quick else large, row)

  return part


paths = one_line("paths in the tree", "paths", (1000, 10000), (1000, 10000, 100000, 300000))
tags = one_line("tags that are none of ours", "tags", (0, 1000), (0, 100, 1000, 10000))
history = one_line("commits before the release, a quarter of them fixes", "history",
                   (10, 1000), (10, 100, 1000, 10000, 50000))
