# SPDX-License-Identifier: GPL-2.0-or-later
"""xsabot and those who can do the same: each makes the picks of some windows and says the trees that it got."""

import os
import shutil

from measure import Cost, Failure
from windows import ONLY_TAGGED, plain_config


class Peer:
  """run() gives the cost of a list of windows and {window name: its last tree}, from no object of its own."""

  def __init__(self, name, says):
    self.name, self.says = name, says

  def why_not(self, machine, windows):
    """Why it can't take part, or None."""
    return None


class Build(Peer):
  """`xsabot build`, a process a window: plan, picks, one durable pack."""

  def __init__(self):
    super().__init__("xsabot build", "plan, pick, one fsynced pack; a process a window")

  def run(self, machine, copy, windows):
    total, trees = Cost(), {}
    repo = copy.fresh(machine)
    for w in windows:
      cost, out = machine.measure(repo.xsabot(machine, "build", w, ONLY_TAGGED), statuses=(0, 1))
      total += cost
      trees[w.name] = tree_of(machine, repo.path, out.split()[-1])
    repo.remove()
    return total, trees


class Plan(Peer):
  """`xsabot plan`, a process a window: the trees and commits are made, and stay in memory."""

  def __init__(self):
    super().__init__("xsabot plan", "plan and picks, nothing is written; a process a window")

  def run(self, machine, copy, windows):
    total = Cost()
    for w in windows:
      argv = copy.xsabot(machine, "plan", w, ["--format=ids"] + ONLY_TAGGED)
      cost, _ = machine.measure(argv, statuses=(0, 1))
      total += cost
    return total, None


class PlanAll(Peer):
  """The same for all windows in one process: each is the line of a configuration of its own."""

  def __init__(self):
    super().__init__("xsabot plan, one process", "plan and picks of all windows, nothing written; one process")

  def why_not(self, machine, windows):
    return None if len(windows) > 1 else "one window"

  def run(self, machine, copy, windows):
    repo = copy.fresh(machine)
    config = as_lines(machine, repo, windows)
    cost, out = machine.measure([machine.xsabot, "-q", "-c", config, "plan", "--format=ids"] + ONLY_TAGGED,
                                statuses=(0, 1))
    repo.remove()
    if len(out.split()) != sum(len(w.picks) for w in windows):
      raise Failure("one process plans %d picks, one a window %d" %
                    (len(out.split()), sum(len(w.picks) for w in windows)))
    return cost, None


def as_lines(machine, repo, windows, more=()):
  """Gives each window a staging branch and a release tag of its own in REPO; a configuration of these lines."""
  updates = []
  for i, w in enumerate(windows):
    updates.append("create refs/heads/bench/%d %s" % (i + 1, commit_of(machine, repo.path, w.tip)))
    updates.append("create refs/tags/bench-%d.1 %s" % (i + 1, w.base_id))
  machine.output([machine.git, "-C", repo.path, "update-ref", "--stdin"],
                 stdin="".join(x + "\n" for x in updates).encode())
  machine.output([machine.git, "-C", repo.path, "pack-refs", "--all"])
  return plain_config(repo.config, repo.path, [
      "[lines]", "staging = refs/heads/bench/{line}", "release = refs/tags/bench-{line}.{n}",
      "derived = refs/heads/bench-xsa/{line}", "derived-release = refs/heads/bench-xsa/{line}.{n}",
      "lines = *", *more], drop=("lines", "staging", "release", "derived", "derived-release"))


class Worktree(Peer):
  """A peer that works in a checkout; that of the base is there when the clock starts, and is not measured."""

  def why_not(self, machine, windows):
    return None if self.git(machine) else "no such git"

  def git(self, machine):
    return machine.git

  def run(self, machine, copy, windows):
    total, trees = Cost(), {}
    tree, objects = checkout_dir(machine, copy), machine.fresh("objects")
    env = dict(machine.env, GIT_OBJECT_DIRECTORY=objects,
               GIT_ALTERNATE_OBJECT_DIRECTORIES=os.path.join(tree, ".git", "objects"))
    os.makedirs(os.path.join(objects, "pack"))
    for w in windows:
      machine.output([machine.git, "checkout", "-q", "-f", "--detach", w.base_id], cwd=tree, env=env)
      picks = "".join("%s %s\n" % (c, w.parents[c]) for c in w.order)
      cost, _ = machine.measure(self.argv(machine, w), cwd=tree, env=env, stdin=picks.encode())
      total += cost
      trees[w.name] = machine.output([machine.git, "rev-parse", "HEAD^{tree}"], cwd=tree, env=env).strip()
    machine.output([machine.git, "checkout", "-q", "-f", "--detach", windows[0].base_id], cwd=tree, env=env)
    shutil.rmtree(objects)
    return total, trees


class Each(Worktree):
  def __init__(self):
    super().__init__("git cherry-pick, one a commit", "in a worktree, a process a commit")

  def argv(self, machine, w):
    return [machine.run_tool, "each", machine.git]


class List(Worktree):
  def __init__(self):
    super().__init__("git cherry-pick of the list", "in a worktree, a process a window; --skip at a conflict")

  def argv(self, machine, w):
    return [machine.run_tool, "list", machine.git]


class Rebase(Worktree):
  def __init__(self):
    super().__init__("git rebase", "--interactive --no-ff, its commands are the list; --skip at a conflict")

  def argv(self, machine, w):
    todo = os.path.join(machine.memory, "todo")
    with open(todo, "w") as f:
      f.write("".join("pick %s\n" % c for c in w.order))
    return [machine.run_tool, "rebase", machine.git, todo, w.base_id]


class NewGit(Peer):
  """One that needs a newer git than Debian 12's; in a bare repository of its own."""

  def why_not(self, machine, windows):
    if not machine.new_git:
      return "needs git 2.50 or later: --git PATH"
    return None


class Replay(NewGit):
  def __init__(self):
    super().__init__("git replay, one a commit", "bare, a process a commit")

  def run(self, machine, copy, windows):
    total, trees = Cost(), {}
    repo = copy.fresh(machine)
    for w in windows:
      machine.output([machine.git, "-C", repo.path, "update-ref", "refs/heads/bench", w.base_id])
      picks = "".join("%s %s\n" % (c, w.parents[c]) for c in w.order)
      cost, _ = machine.measure([machine.run_tool, "replay", machine.new_git, "refs/heads/bench"],
                                cwd=repo.path, stdin=picks.encode())
      total += cost
      trees[w.name] = tree_of(machine, repo.path, "refs/heads/bench")
    repo.remove()
    return total, trees


class MergeTree(NewGit):
  def __init__(self):
    super().__init__("git merge-tree --stdin", "trees only, makes no commits; one process for all windows")

  def run(self, machine, copy, windows):
    repo = copy.fresh(machine)
    text = "".join("window %s\n" % w.base_tree + "".join("%s %s\n" % (c, w.parents[c]) for c in w.order)
                   for w in windows)
    cost, out = machine.measure([machine.run_tool, "merge-tree", machine.new_git], cwd=repo.path,
                                stdin=text.encode())
    repo.remove()
    return cost, dict(zip([w.name for w in windows], out.split()))


class Library(Peer):
  """libgit2 as its manual has it; LEAN: without its checks, as git does without them."""

  def __init__(self, lean):
    super().__init__("libgit2's cherrypick loop" + (", lean" if lean else ""),
                     "git_cherrypick_commit, loose objects" + (", strict options off" if lean else "") +
                     "; one process for all windows")
    self.lean = ["lean"] if lean else []

  def run(self, machine, copy, windows):
    repo = copy.fresh(machine)
    text = "".join("window %s\n" % w.base_id + "".join("%s %s\n" % (c, w.parents[c]) for c in w.order)
                   for w in windows)
    cost, out = machine.measure([machine.peer_tool, "cherrypick", repo.path] + self.lean, stdin=text.encode())
    repo.remove()
    return cost, dict(zip([w.name for w in windows], out.split()))


def tree_of(machine, repo, rev):
  return machine.output([machine.git, "-C", repo, "rev-parse", rev + "^{tree}"]).strip()


def commit_of(machine, repo, rev):
  return machine.output([machine.git, "-C", repo, "rev-parse", rev + "^{commit}"]).strip()


def checkout_dir(machine, copy):
  """A clone without a checkout yet, in memory, that borrows; made once."""
  path = os.path.join(machine.memory, "worktree")
  if not os.path.isdir(path):
    machine.output([machine.git, "clone", "-q", "--shared", "--no-checkout", copy.path, path])
  return path


PEERS = {"each": Each(), "list": List(), "rebase": Rebase(), "replay": Replay(), "merge-tree": MergeTree(),
         "libgit2": Library(False), "lean": Library(True)}
