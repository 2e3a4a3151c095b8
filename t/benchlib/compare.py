# SPDX-License-Identifier: GPL-2.0-or-later
"""The same picks by xsabot and by its peers, in turn, and the floor."""

from floor import Floor, total
from measure import Failure, Series, median, note
from peers import PEERS, Build, Plan, PlanAll, tree_of
from windows import parents_of


def load(machine, copy, windows):
  """Leaves out windows whose picks some peer can't make."""
  out = []
  for w in windows:
    w.load(machine, copy)
    parents = parents_of(machine, copy, w.order)
    w.parents = {c: p[0] for c, p in parents.items() if p}
    w.base_tree = tree_of(machine, copy.path, w.base_id)
    if any(len(p) != 1 for p in parents.values()):
      note("%s: left out, a merge or a root among its picks" % w.name)
    elif w.order:
      out.append(w)
  return out


def same_trees(windows, peer, trees):
  for w in windows:
    want = w.picks[-1][1] if w.picks else w.base_tree
    if trees is not None and trees.get(w.name) != want:
      raise Failure("%s: %s gives the tree %s, and xsabot's plan %s" %
                    (w.name, peer.name, trees.get(w.name), want))


def in_turn(machine, copy, windows, rounds, name, peers):
  """A B A C A D ...: each quotient is of two runs that followed each other."""
  build, others = Build(), [Plan(), PlanAll()] + [PEERS[p] for p in peers]
  a, series = Series(build.name, build.says), []
  for peer in others:
    s = Series(peer.name, peer.says)
    s.skipped = peer.why_not(machine, windows)
    series.append(s)
  for r in range(rounds):
    for peer, s in zip(others, series):
      if s.skipped:
        continue
      note("%s: round %d of %d: %s" % (name, r + 1, rounds, peer.name))
      before, trees = build.run(machine, copy, windows)
      same_trees(windows, build, trees)
      a.add(before)
      cost, trees = peer.run(machine, copy, windows)
      same_trees(windows, peer, trees)
      s.add(cost, before)
      if len(windows) > 1 and peer is not others[1]:
        s.one_ratios.append(cost.cpu / others[1].run(machine, copy, windows)[0].cpu)
  return [a] + series


def the_floor(machine, copy, windows, rounds):
  note("the floor")
  floor, runs = Floor(machine, copy, windows), []
  ratios = {"build_ratio": [], "plan_ratio": []}
  build, one = Build(), PlanAll() if len(windows) > 1 else Plan()
  for _ in range(rounds):
    a, _ = build.run(machine, copy, windows)
    runs.append(floor.run())
    b, _ = one.run(machine, copy, windows)
    ratios["build_ratio"].append(a.cpu / total(runs[-1]))
    ratios["plan_ratio"].append(b.cpu / total(runs[-1]))
  floor.remove()
  f = {k: median([r[k] for r in runs]) for k in runs[0]}
  f["total"] = median([total(r) for r in runs])
  f["objects"] = floor.counts
  f.update({k: median(v) for k, v in ratios.items()})
  return f


def compare(machine, copy, name, windows, rounds, peers):
  windows = load(machine, copy, windows)
  if not windows:
    return {"name": name, "skipped": "no window with picks that all can make"}
  result = {"name": name, "windows": [w.name for w in windows] if len(windows) < 4 else len(windows),
            "commits": sum(w.commits for w in windows), "picks": sum(len(w.order) for w in windows),
            "skipped_picks": sum(w.n_skipped for w in windows)}
  series = in_turn(machine, copy, windows, rounds, name, peers)
  result["rows"] = [s.figures() for s in series]
  result["trees_equal"] = True
  result["floor"] = the_floor(machine, copy, windows, rounds)
  return result
