# SPDX-License-Identifier: GPL-2.0-or-later
"""What the work of some windows cannot be done without: its objects, and what handling just these costs.

Read: each pick's commit and its parent, the trees of both and of the tip along
the changed paths, and the blobs of files that both sides changed. Written: what
`xsabot build` wrote. Renames are not counted.
"""

import glob
import json
import os

from measure import Failure
from windows import ONLY_TAGGED

PARTS = ["start", "read", "merge", "hash", "deflate"]


class Floor:
  """A repository that has what is written, and the lists of ids for bench-peer."""

  def __init__(self, machine, copy, windows):
    self.machine, self.repo = machine, copy.fresh(machine)
    for w in windows:
      machine.output(self.repo.xsabot(machine, "build", w, ONLY_TAGGED), statuses=(0, 1))
    written = self.written()
    reads, merges = {}, []
    for w in windows:
      self.needs(w, reads, merges)
    self.reads = [i for i in reads if i not in written]
    self.files = [self.put("reads", self.reads), self.put("merges", [" ".join(m) for m in merges]),
                  self.put("writes", written)]
    self.counts = {"reads": len(self.reads), "merges": len(merges), "writes": len(written)}

  def put(self, name, lines):
    path = self.machine.fresh(name)
    with open(path, "w") as f:
      f.write("".join(x + "\n" for x in lines))
    return path

  def git(self, args, lines=()):
    return self.machine.output([self.machine.git, "-C", self.repo.path] + args,
                               stdin=("\n".join(lines) + "\n").encode(errors="surrogateescape"))

  def written(self):
    """{id: None} of all packs that were made, in their order."""
    out = {}
    for idx in sorted(glob.glob(os.path.join(self.repo.path, "objects", "pack", "*.idx"))):
      with open(idx, "rb") as f:
        text = self.machine.output([self.machine.git, "show-index"], stdin=f.read())
      for line in sorted(text.strip().split("\n"), key=lambda x: int(x.split()[0])):
        out[line.split()[1]] = None
    return out

  def needs(self, w, reads, merges):
    """Adds what the picks of W read; a skipped pick is tried on the tip of its place."""
    trees = dict(w.picks)
    tip, asked, changes = w.base_tree, [], []
    for c in w.order:
      reads[c] = reads[w.parents[c]] = None
      asked += [tip, c + "^{tree}", w.parents[c] + "^{tree}"]
      for path, old, new, kind in self.changed(w, c):
        if kind == "tree":
          asked += [x for x in (old, new) if x.strip("0")]
          asked.append(tip + ":" + path)
        elif kind == "file":
          changes.append((tip, path, old, new))
      tip = trees.get(c, tip)
    for kind, oid in self.resolve(asked):
      if kind == "tree":
        reads[oid] = None
    self.find_merges(changes, reads, merges)

  def changed(self, w, commit):
    """(path, old id, new id, kind) of each path below and with the directories that the commit changes."""
    if not hasattr(w, "diffs"):
      pairs = ["%s %s" % (c, w.parents[c]) for c in w.order]
      text = self.git(["diff-tree", "--stdin", "-r", "-t", "-z", "--no-renames"], pairs)
      w.diffs = parse_diffs(text)
    return w.diffs.get(commit, [])

  def resolve(self, names):
    """(type, id) of each name that is there."""
    if not names:
      return
    for line in self.git(["cat-file", "--batch-check=%(objecttype) %(objectname)"], names).split("\n"):
      words = line.split(" ")
      if len(words) == 2 and words[0] in ("tree", "blob", "commit"):
        yield words[0], words[1]

  def find_merges(self, changes, reads, merges):
    if not changes:
      return
    text = self.git(["cat-file", "--batch-check=%(objecttype) %(objectname)"],
                    [t + ":" + p for t, p, _, _ in changes])
    for (_, _, old, new), line in zip(changes, text.split("\n")):
      words = line.split(" ")
      if words[0] != "blob" or len(words) != 2 or words[1] in (old, new):
        continue
      merges.append((old, words[1], new))
      for i in merges[-1]:
        reads[i] = None

  def run(self):
    """One run: the CPU seconds of each part."""
    cost, out = self.machine.measure([self.machine.peer_tool, "floor", self.repo.path] + self.files)
    return json.loads(out)

  def remove(self):
    self.repo.remove()


def parse_diffs(text):
  """{commit: [(path, old, new, kind)]} from `diff-tree --stdin -z`."""
  out, commit, words = {}, None, text.split("\0")
  i = 0
  while i < len(words):
    word = words[i].lstrip("\n")
    i += 1
    if not word.startswith(":"):
      commit = word.split(" ")[0] if word else commit
      continue
    f = word[1:].split(" ")
    path = words[i]
    i += 1
    if len(f) != 5:
      raise Failure("cannot read git diff-tree: " + word)
    files = f[0].startswith("100") and f[1].startswith("100")
    kind = "tree" if "040000" in f[:2] else "file" if files else "other"
    if "\n" not in path:
      out.setdefault(commit, []).append((path, f[2], f[3], kind))
  return out


def total(parts):
  return sum(parts[k] for k in PARTS)
