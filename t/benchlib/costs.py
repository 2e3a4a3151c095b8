# SPDX-License-Identifier: GPL-2.0-or-later
"""Start-up, planning, discovery and publication on the repository itself."""

import json
import os

from measure import Cost, Failure, median
from peers import as_lines, commit_of
from windows import ONLY_TAGGED


FEW = 8  # windows, where all would take too long


def repeat(machine, rounds, commands):
  """[(name, argv, what may be its status)] in turn; rows of medians."""
  costs = {name: [] for name, _, _ in commands}
  for _ in range(rounds):
    for name, argv, statuses in commands:
      costs[name].append(machine.measure(argv, statuses=statuses)[0])
  return [[name, median([c.cpu for c in costs[name]]), median([c.wall for c in costs[name]]),
           "%.0f MiB" % (max(c.kib for c in costs[name]) / 1024)] for name, _, _ in commands]


def start(s, rounds):
  """What a process costs before it does anything, and with one pick to make."""
  m = s.machine
  w = s.usual()
  pick = w.picks[-1][0]
  one = s.copy.fresh(m)
  config = ["-q", "-c", s.config, "-C", one.path]
  window = [w.line, "--base", pick + "^", "--tip", pick]
  commands = [
      ("/bin/true", ["/bin/true"], (0,)),
      ("xsabot --version", [m.xsabot, "--version"], (0,)),
      ("libgit2's start alone", [m.peer_tool, "init"], (0,)),
      ("plan of one pick, nothing searched", [m.xsabot] + config + ["plan"] + window + ONLY_TAGGED, (0, 1)),
      ("plan of one pick", [m.xsabot] + config + ["plan"] + window, (0, 1)),
      ("build of one pick", [m.xsabot] + config + ["build"] + window, (0, 1)),
  ]
  if m.new_git:
    m.output([m.git, "-C", one.path, "update-ref", "refs/heads/bench", commit_of(m, one.path, pick + "^")])
    commands.append(("git replay of one pick", [m.new_git, "-C", one.path, "replay", "--ref-action=print",
                                                "--advance=refs/heads/bench", pick + "^.." + pick], (0,)))
  rows = repeat(m, rounds, commands)
  one.remove()
  return {"title": "one process, one commit to pick (%.12s); %d runs each" % (pick, rounds),
          "head": ["", "CPU", "wall", "peak"], "rows": rows}


def planning(s, rounds):
  """Walks and matching; with the picks, as a plan has their trees."""
  m, windows = s.machine, s.loaded(FEW if s.a.quick else None)
  one = s.copy.fresh(m)
  config = as_lines(m, one, windows)
  big = max(windows, key=lambda w: w.commits)
  here = s.copy.xsabot(m, "plan", big, ["--format=ids"])
  log = [m.git, "-C", s.copy.path, "log", "--format=%H", "-E", "--grep=XSA-[0-9]+",
         big.base_id + ".." + big.tip]
  commands = [
      ("git log --grep, largest window (%d commits)" % big.commits, log, (0,)),
      ("plan, largest window (%d picks), nothing searched" % len(big.picks), here + ONLY_TAGGED, (0, 1)),
      ("plan, largest window", here, (0, 1)),
      ("plan, %d windows in one process, nothing searched" % len(windows),
       [m.xsabot, "-q", "-c", config, "plan", "--format=ids"] + ONLY_TAGGED, (0, 1)),
  ]
  rows = repeat(m, rounds, commands)
  one.remove()
  return {"title": "plans, with all picks made in memory; %d runs each" % rounds,
          "head": ["", "CPU", "wall", "peak"], "rows": rows}


ROLES = ("security", "follow_up", "prerequisite")


def discovery(s, rounds):
  """Everything a plan does, window by window: the prerequisites that nobody declared as well."""
  m, per, counts = s.machine, [], dict.fromkeys(("trials", "window") + ROLES, 0)
  windows = s.windows if not s.a.quick else s.windows[-FEW:]
  for w in windows:
    argv, runs = s.copy.xsabot(m, "plan", w, ["--format=json"]), []
    for _ in range(rounds):
      cost, out = m.measure(argv, statuses=(0, 1))
      runs.append(cost)
    c = json.loads(out)["lines"][0]["counts"]
    for k in counts:
      counts[k] += c[k]
    per.append((min(runs, key=lambda x: x.cpu), w.name, c))
  total = sum((c for c, _, _ in per), Cost())
  per.sort(key=lambda x: -x[0].cpu)
  rows = [discovery_row("all %d windows, a process each" % len(windows), total, counts),
          discovery_row("all of them in one process", in_one_process(s, windows, rounds, counts), counts)]
  rows += [discovery_row(name, cost, c) for cost, name, c in per[:5]]
  biggest = max(per, key=lambda x: x[0].kib)
  rows.append(discovery_row(biggest[1] + " (memory)", biggest[0], biggest[2]))
  return {"title": "plan with discovery and follow-ups: all, and the dearest windows; the best of %d" % rounds,
          "head": ["", "CPU", "wall", "peak", "commits", "picks", "trial picks", "a CPU second"], "rows": rows,
          "counts": counts,
          "windows": [{"name": n, "cpu": c.cpu, "mib": c.kib / 1024, "counts": k} for c, n, k in per]}


def in_one_process(s, windows, rounds, counts):
  """As `run` and `watch` plan; each window is the line of a configuration of its own."""
  repo = s.copy.fresh(s.machine)
  config = as_lines(s.machine, repo, [w.load(s.machine, s.copy) for w in windows])
  argv = [s.machine.xsabot, "-q", "-c", config, "plan", "--format=json"]
  runs = [s.machine.measure(argv, statuses=(0, 1)) for _ in range(rounds)]
  repo.remove()
  for role in ROLES:
    picks = sum(line["counts"][role] for line in json.loads(runs[0][1])["lines"])
    if picks != counts[role]:
      raise Failure("one process has %d picks as %s, a process each %d" % (picks, role, counts[role]))
  return min((cost for cost, _ in runs), key=lambda c: c.cpu)


def discovery_row(name, cost, c):
  return [name, cost.cpu, cost.wall, "%.0f MiB" % (cost.kib / 1024), c["window"], sum(c[r] for r in ROLES),
          c["trials"], "%.0f" % (c["trials"] / cost.cpu)]


def publication(s, rounds):
  """`xsabot run` as the bot does it, in memory (where fsync costs nothing) and on a disk."""
  w, costs = s.usual(), {}
  for _ in range(rounds):
    for where, on_disk in (("in memory", False), ("on the disk", True)):
      for name, cost in publish_once(s, [w], on_disk):
        costs.setdefault("%s, %s" % (name, where), []).append(cost)
  rows = [[name, median([c.cpu for c in v]), median([c.wall for c in v]),
           "%.0f MiB" % (max(c.kib for c in v) / 1024)] for name, v in costs.items()]
  rows.sort(key=lambda r: r[0])
  title = "%s as the line of a repository: %d tagged commits; %d runs each"
  return {"title": title % (w.name, len(w.picks), rounds),
          "head": ["", "CPU", "wall", "peak"], "rows": rows,
          "notes": ["there is no switch that leaves fsync out; in memory (tmpfs) it costs nothing"]}


def publish_once(s, windows, on_disk):
  m = s.machine
  repo = s.copy.fresh(m, on_disk)
  config = as_lines(m, repo, windows)
  os.sync()
  xsabot = [m.xsabot, "-q", "-c", config]
  yield "1 plan", m.measure(xsabot + ["plan", "--format=ids"], statuses=(0, 1))[0]
  yield "2 build: and one pack", m.measure(xsabot + ["build", "1"], statuses=(0, 1))[0]
  clean_packs(repo)
  cost, _ = m.measure(xsabot + ["run"], statuses=(0, 1))
  if not m.output([m.git, "-C", repo.path, "for-each-ref", "refs/heads/bench-xsa"]):
    raise Failure("xsabot run published nothing")
  yield "3 run: and state, intent, refs", cost
  yield "4 run again: nothing to do", m.measure(xsabot + ["run"], statuses=(0, 1))[0]
  repo.remove()


def clean_packs(repo):
  """As if build had not been there."""
  d = os.path.join(repo.path, "objects", "pack")
  for name in os.listdir(d):
    os.unlink(os.path.join(d, name))
