# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of the benchmark, by name."""

import os

import windows as w
from compare import compare
from measure import Failure, note

NAMES = ["w20", "w13", "all"]


class Setting:
    """The repository's copy and its windows, found once."""

    def __init__(self, machine, a):
        self.machine, self.a = machine, a
        repo = w.git_dir(machine, os.path.abspath(a.repo))
        self.config = w.write_config(machine, a.config, repo)
        note("copying the refs, finding the windows")
        self.copy = w.borrow(machine, repo, os.path.join(machine.memory, "repo.git"), self.config)
        self.windows = w.find(machine, self.copy, a.config, a.lines)

    def pick_one(self, base, tip, skips):
        """Xen's window of that name; elsewhere a small one, where picks are (not) skipped."""
        for x in self.windows:
            if (x.base, x.tip) == (base, tip):
                return x
        for x in self.windows:
            if not hasattr(x, "order"):
                x.load(self.machine, self.copy)
        fit = [x for x in self.windows if x.order and (x.n_skipped > 0) == skips]
        fit.sort(key=lambda x: (abs(len(x.order) - (90 if skips else 45)), x.name))
        return fit[0] if fit else None


def one_window(s, name, base, tip, skips):
    x = s.pick_one(base, tip, skips)
    if not x:
        return {"name": name, "skipped": "no window " + ("with" if skips else "without") + " conflicts"}
    return compare(s.machine, s.copy, name, [x], s.a.rounds or (1 if s.a.quick else 5))


PARTS = {
    "w20": lambda s: one_window(s, "w20", "RELEASE-4.20.3", "RELEASE-4.20.4", False),
    "w13": lambda s: one_window(s, "w13", "RELEASE-4.13.4", "RELEASE-4.13.5", True),
    "all": lambda s: compare(s.machine, s.copy, "all", s.windows, s.a.rounds or 1),
}
QUICK = ["w20"]


def run(machine, a):
    names = a.only.split(",") if a.only else QUICK if a.quick else NAMES
    s = Setting(machine, a)
    for name in NAMES:
        if name in names:
            yield name, PARTS[name](s)
