# SPDX-License-Identifier: GPL-2.0-or-later
"""What a push waits for: the hook; and how long until the derived branch has moved."""

import os
import re
import subprocess
import time

from measure import Failure, median, percentile, seconds
from windows import numbers, plain_config

WARM_UP = 3  # pushes that do not count
QUICK_LINES = 4  # with --quick

SHELL_HOOK = """#!/bin/sh
cat >"{spool}/tmp/$$" && sync "{spool}/tmp/$$" && mv "{spool}/tmp/$$" "{spool}/new/$$" && sync "{spool}/new"
"""


def hook(s, runs):
  """The hook beside programs that do nothing, or the same in sh; each in turn."""
  m, rows = s.machine, []
  line = "%040d %040d refs/heads/staging-4.17\n" % (1, 2)
  given = m.fresh("input")
  with open(given, "w") as f:
    f.write(line)
  for where, on_disk in (("disk", True), ("memory", False)):
    top = m.fresh("hook", on_disk)
    spool, bare = os.path.join(top, "spool"), os.path.join(top, "repo.git")
    for d in ("tmp", "new"):
      os.makedirs(os.path.join(spool, d))
    m.output([m.git, "init", "-q", "--bare", bare])
    script = os.path.join(top, "hook.sh")
    with open(script, "w") as f:
      f.write(SHELL_HOOK.format(spool=spool))
    os.chmod(script, 0o755)
    variants = [("/bin/true", "/bin/true", "-"), ("a durable file alone", "-", top),
                ("/bin/true, and a durable file", "/bin/true", top), ("xsabot's hook", m.hook, "-"),
                ("a hook in sh", script, "-")]
    argv = [m.run_tool, "latency", "20", given] + [x for v in variants for x in v[1:]]
    env = dict(m.env, XSABOT_SPOOL=spool, GIT_DIR=bare)
    times = []
    for _ in range(max(1, runs // 20)):  # a spool that is never drained would fill up
      times += [[float(x) for x in t.split()] for t in m.output(argv, env=env).strip().split("\n")]
      for name in os.listdir(os.path.join(spool, "new")):
        os.unlink(os.path.join(spool, "new", name))
    for i, v in enumerate(variants):
      mine = times[i :: len(variants)]
      wall = [t[0] for t in mine]
      rows.append(["%s, %s" % (v[0], where), median([t[1] for t in mine]), min(wall), median(wall),
                   percentile(wall, 99)])
  title = "%d pushes each, in turn; durable: a file written, fsynced, renamed, its directory fsynced"
  return {"title": title % len(mine),
          "head": ["", "CPU", "wall: least", "median", "99th of 100"], "rows": rows}


def equal_file(machine, repo, a, b):
  """A path and the content of a file that is the same in both commits, and is of usual size."""
  git = [machine.git, "-C", repo]
  trees = [set(machine.output(git + ["ls-tree", "-r", "-l", "-z", x]).split("\0")) for x in (a, b)]
  for entry in sorted(trees[0] & trees[1]):
    m = re.match(r"100644 blob ([0-9a-f]+) +(\d+)\t([\w./-]+)$", entry)
    if m and 5000 < int(m.group(2)) < 50000:
      text = subprocess.run(git + ["cat-file", "blob", m.group(1)], capture_output=True, env=machine.env).stdout
      if b"\0" not in text and text.endswith(b"\n"):
        return m.group(3), text
  raise Failure("no file is the same in %s and %s" % (a, b))


def message_of(machine, repo, commit):
  """That of a fix, without what ties it to other commits."""
  text = machine.output([machine.git, "-C", repo, "log", "-1", "--format=%B", commit])
  keep = [x for x in text.split("\n") if not re.match(r"\(cherry picked|master (commit|date)|Fixes:", x)]
  return "\n".join(keep).strip() + "\n"


def staged(machine, repo, windows, message, pushes):
  """Makes PUSHES fixes, a line in turn, an hour apart; "OLD NEW STAGING DERIVED" of each."""
  tips, stream, last = {}, [], 0
  for w in windows:
    tips[w.line], time = machine.output([machine.git, "-C", repo, "log", "-1", "--format=%H %ct", w.tip]).split()
    last = max(last, int(time))
  for i in range(pushes):
    w = windows[i % len(windows)]
    if i < len(windows):
      w.path, w.text = equal_file(machine, repo, w.base, w.tip)
      stream.append(b"reset refs/bench/%s\nfrom %s\n\n" % (w.line.encode(), tips[w.line].encode()))
    w.text += b"/* change %d */\n" % i
    # Each a change of its own: neither the same one again, nor a series with the one before.
    body = ("change %d: " % i + message).encode(errors="surrogateescape")
    stream.append(b"commit refs/bench/%s\nmark :%d\n" % (w.line.encode(), i + 1))
    stream.append(b"committer bench <bench@example.com> %d +0000\n" % (last + 3600 * (i + 1)))
    stream.append(b"data %d\n%s\n" % (len(body), body))
    stream.append(b"M 100644 inline %s\ndata %d\n%s\n\n" % (w.path.encode(), len(w.text), w.text))
  marks = machine.fresh("marks")
  p = subprocess.run([machine.git, "-C", repo, "fast-import", "--quiet", "--export-marks=" + marks],
                     input=b"".join(stream), env=machine.env, capture_output=True)
  if p.returncode:
    raise Failure("git fast-import: " + p.stderr.decode())
  with open(marks) as f:
    ids = dict(x.split() for x in f)
  out = []
  for i in range(pushes):
    w = windows[i % len(windows)]
    new = ids[":%d" % (i + 1)]
    out.append("%s %s %s %s\n" % (tips[w.line], new, w.tip, w.derived))
    tips[w.line] = new
  return out


def push(s, pushes, most_seconds):
  """From the hook's start to the moved branch; `watch` is resident where it is known, else `run` is started."""
  m, rows = s.machine, []
  resident = not subprocess.run([m.xsabot, "watch", "-h"], capture_output=True).returncode
  steps = ["the hook has ended", "the branch has moved"] + ([] if resident else ["run has ended"])
  for where, on_disk in (("memory", False), ("disk", True)):
    if rows and s.is_late():
      break
    times, cpu = series(s, pushes, on_disk, resident, most_seconds)
    for i, what in enumerate(steps):
      t = [x[i] for x in times]
      rows.append(["%s, %s" % (what, where), median(t), percentile(t, 99), max(t)])
    rows.append(["CPU of the bot, %s" % where, cpu, "", ""])
    if not on_disk:
      by_line = {n: median([x[1] for x in times[k :: len(s.lines)]]) for k, n in enumerate(s.lines[: len(times)])}
  how = "xsabot watch is resident" if resident else "xsabot run is started after the hook"
  order = sorted(by_line, key=by_line.get)
  return {"title": "%d pushes of one fix, on %d lines in turn; %s" % (len(times), len(s.lines), how),
          "resident": resident, "head": ["time until", "median", "99th of 100", "most"], "rows": rows,
          "by_line": by_line,
          "notes": ["in memory fsync costs nothing: the difference is what the disk adds",
                    "moved, in memory, medians by line: " +
                    ", ".join("%s %s" % (n, seconds(by_line[n])) for n in order)]}


def push_config(s, repo):
  """That of all lines, or with --quick of the newest; how busy the machine is decides nothing."""
  which = s.a.lines
  if s.a.quick:
    which = " ".join(sorted({w.line for w in s.windows}, key=numbers)[-QUICK_LINES:])
  lines = ["[lines]", "lines = " + which.replace(",", " ")] if which else []
  for more in (["limit = 1h"], []):  # earlier versions have none
    config = plain_config(s.config, repo.path, more + lines, drop=["lines"] if lines else [])
    if subprocess.run([s.machine.xsabot, "-c", config, "check-config"], capture_output=True).returncode != 78:
      break
  return config


def series(s, pushes, on_disk, resident, most_seconds):
  """(hook, moved, ended, CPU) of each push, none begun after so many seconds; the bot's mean CPU a push."""
  m = s.machine
  repo = s.copy.fresh(m, on_disk)
  config = push_config(s, repo)
  xsabot = [m.xsabot, "-q", "-c", config]
  m.output([m.xsabot, "-c", config, "install-hook", repo.path])
  m.output(xsabot + ["run"], statuses=(0, 1))
  windows = s.lines_now(repo, config)
  s.lines = [w.line for w in windows]
  s.lines = s.lines[WARM_UP % len(windows) :] + s.lines[: WARM_UP % len(windows)]
  fix = s.usual().picks[-1][0]
  todo = staged(m, repo.path, windows, message_of(m, repo.path, fix), WARM_UP + pushes)
  argv = [m.run_tool, "push", str(most_seconds), repo.path, m.hook] + ([] if resident else xsabot + ["run"])
  watcher = None
  try:
    if resident:
      watcher = subprocess.Popen(xsabot + ["watch"], env=m.env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL)
      settle(watcher)
    m.output(argv, stdin="".join(todo[:WARM_UP]).encode())
    before = cpu_of(watcher)
    out = m.output(argv, stdin="".join(todo[WARM_UP:]).encode())
    used = cpu_of(watcher) - before
  finally:
    if watcher:
      watcher.terminate()
      watcher.wait()
  repo.remove()
  times = [[float(x) for x in line.split()] for line in out.strip().split("\n")]
  return times, used / len(times) if resident else median([t[3] for t in times])


def settle(process):
  """Waits until the bot has looked at all lines: it needs next to nothing for a while."""
  end, quiet, used = time.monotonic() + 120, 0, -1.0
  while quiet < 4 and time.monotonic() < end:
    time.sleep(0.5)
    now = cpu_of(process)
    quiet = quiet + 1 if now - used < 0.02 else 0
    used = now


def cpu_of(process):
  """Seconds that a process which runs, and its children that have ended, used so far."""
  if not process:
    return 0.0
  with open("/proc/%d/stat" % process.pid) as f:
    ticks = f.read().rsplit(")", 1)[1].split()[11:15]
  return sum(int(t) for t in ticks) / os.sysconf("SC_CLK_TCK")
