# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures as text."""

import os
import platform

from measure import note, seconds


def times(x):
  return "-" if x is None else "%.1fx" % x if x < 100 else "%.0fx" % x


def table(rows, head):
  """Columns as wide as they must be; the first to the left."""
  rows = [head] + [[str(c) for c in r] for r in rows]
  widths = [max(len(r[i]) for r in rows) for i in range(len(head))]
  for r in rows:
    cells = [r[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(r[1:], widths[1:])]
    print("  " + "  ".join(cells).rstrip())


def machine(m, in_memory):
  with open("/proc/cpuinfo") as f:
    model = next((x.split(":")[1].strip() for x in f if x.startswith("model name")), platform.machine())
  facts = {"cpus": os.cpu_count(), "model": model, "load": os.getloadavg()[0], "memory_is_tmpfs": in_memory,
           "git": m.output([m.git, "version"]).strip(),
           "new_git": m.output([m.new_git, "version"]).strip() if m.new_git else None}
  print("%d x %s, load %.1f; %s%s" % (facts["cpus"], model, facts["load"], facts["git"],
                                      "; " + facts["new_git"] if m.new_git else ""))
  if not in_memory:
    note("no /dev/shm: all of it is on a disk, and dearer")
  return facts


def show_windows(r):
  what = "%d windows" % r["windows"] if isinstance(r["windows"], int) else ", ".join(r["windows"])
  print("%s: %d commits, %d picks to try, %d of them are skipped; all trees are equal" %
        (what, r["commits"], r["picks"], r["skipped_picks"]))
  rows = []
  for f in r["rows"]:
    if f.get("skipped"):
      print("  %s: not run: %s" % (f["name"], f["skipped"]))
    else:
      rows.append([f["name"], seconds(f["cpu"]), times(f.get("cpu_ratio")), seconds(f["wall"]),
                   times(f.get("wall_ratio")), "%.0f MiB" % f["mib"], times(f.get("one_process_ratio"))])
  head = ["", "CPU", "ratio", "wall", "ratio", "peak", "CPU to plan in one process"]
  width = len(head) if any(r[-1] != "-" for r in rows) else len(head) - 1
  table([r[:width] for r in rows], head[:width])
  show_floor(r["floor"])


def show_floor(f):
  n = f["objects"]
  print("  floor %s: start %s, read %d objects %s, merge %d files %s, hash %d objects %s, deflate %s" %
        (seconds(f["total"]), seconds(f["start"]), n["reads"], seconds(f["read"]), n["merges"], seconds(f["merge"]),
         n["writes"], seconds(f["hash"]), seconds(f["deflate"])))
  print("  xsabot build is %.2fx of it, planning in one process %.2fx; libgit2 reads in %s, detecting collisions: +%s" %
        (f["build_ratio"], f["plan_ratio"], seconds(f["libgit2_read"]),
         seconds(max(0.0, f["careful_hash"] - f["hash"]))))


def show(name, r):
  print("\n== " + name)
  if r.get("skipped"):
    print("  not run: " + r["skipped"])
  elif "floor" in r:
    show_windows(r)
  else:
    print(r.get("title", ""))
    table([[cell(c) for c in row] for row in r["rows"]], r["head"])
    for text in r.get("notes", []):
      print("  " + text)


def cell(c):
  return seconds(c) if isinstance(c, float) else str(c)
