#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A repository as somebody would make it who wants to hurt whoever reads it.

hostile.py make REPO SCALE          a bare repository of lines; each but the first, 5.0, is one trouble.
                                    SCALE: 1 is the whole of it, 20 a twentieth. Prints "LINE WHAT" for each.
hostile.py hurt REPO                what needs no commits: objects that are torn or gone, refs at what they can't be
hostile.py run SECONDS COMMAND...   runs it, and prints as the last line "STATUS SECONDS MIB", of the largest
                                    process; TIME, when it took longer
"""
import os
import resource
import signal
import subprocess
import sys
import time

WHO = "C O Mitter <committer@example.org> 1500000000 +0000"
FILE = "".join(f"line {i}\n" for i in range(1, 41))


class Repo:
    def __init__(self, path):
        self.path = path
        self.lines = []

    def git(self, *args, data=b"", check=True):
        done = subprocess.run(("git", "-C", self.path) + args, input=data, stdout=subprocess.PIPE, check=check)
        return done.stdout.decode("utf-8", "replace").strip()

    def blob(self, data):
        return self.git("hash-object", "-w", "--stdin", data=data.encode() if isinstance(data, str) else data)

    def tree(self, entries):
        """Of (mode, name as bytes, id), as they come: git's own tools would refuse some."""
        data = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
        return self.raw("tree", data)

    def raw(self, kind, data):
        return self.git("hash-object", "-t", kind, "-w", "--literally", "--stdin", data=data)

    def commit(self, tree, parents, message, author=WHO, committer=WHO, extra=b""):
        head = [f"tree {tree}"] + [f"parent {p}" for p in parents] + [f"author {author}", f"committer {committer}"]
        text = message if isinstance(message, bytes) else message.encode()
        return self.raw("commit", "\n".join(head).encode() + b"\n" + extra + b"\n" + text)

    def files(self, **files):
        """A tree of files; NAME=CONTENT."""
        return self.tree([(b"100644", n.encode(), self.blob(c)) for n, c in sorted(files.items())])

    def begin(self, line, tree=None):
        tree = tree or self.files(f=FILE, g=FILE)
        start = self.commit(tree, [], f"begin {line}\n")
        tag = self.raw("tag", f"object {start}\ntype commit\ntag RELEASE-{line}.0\ntagger {WHO}\n\nr\n".encode())
        self.git("update-ref", f"refs/tags/RELEASE-{line}.0", tag)
        return start, tree

    def end(self, line, tip):
        self.git("update-ref", f"refs/heads/staging-{line}", tip)


def edit(n, word):
    return FILE.replace(f"line {n}\n", f"{word}\n")


def fix(line, n=1):
    return f"f: bound it\n\nThis is XSA-{int(line.split('.')[1]) * 10 + n}.\n"


def simple(repo, line, message, **kw):
    """A commit that may be poison, then a fix."""
    start, _ = repo.begin(line)
    odd = repo.commit(repo.files(f=FILE, g=edit(5, "five")), kw.pop("parents", [start]), message, **kw)
    repo.end(line, repo.commit(repo.files(f=edit(20, "twenty"), g=edit(5, "five")), [odd], fix(line)))


def many(repo, line, n, subject, body, content=lambda i: f"{i}\n"):
    """N commits by git fast-import; SUBJECT and BODY get the number, BODY the id of the one before, as a mark."""
    start, _ = repo.begin(line)
    out = []
    for i in range(1, n + 1):
        text = (subject(i) + "\n\n" + body(i)).encode()
        data = content(i).encode()
        out += [b"commit refs/heads/staging-%s\nmark :%d\n" % (line.encode(), i),
                b"author %s\ncommitter %s\n" % (WHO.encode(), WHO.encode()), b"data %d\n" % len(text), text, b"\n"]
        out += [b"from %s\n" % start.encode()] if i == 1 else []
        out += [b"M 100644 inline x%d\ndata %d\n" % (i % 50, len(data)), data, b"\n"]
    repo.git("fast-import", "--quiet", "--force", data=b"".join(out))


# ---- the troubles: each makes the line LINE of REPO, of a size that SCALE divides

def quiet(repo, line, scale):
    "nothing is wrong"
    start, _ = repo.begin(line)
    repo.end(line, repo.commit(repo.files(f=edit(20, "twenty"), g=FILE), [start], fix(line)))


def tree_of_trees(repo):
    oid = repo.blob("boom\n")
    mode = b"100644"
    for _ in range(10):
        oid, mode = repo.tree([(mode, b"d%d" % i, oid) for i in range(10)]), b"40000"
    return oid


def bomb(repo, line, scale):
    "a tree of ten levels, each of ten times the same: ten thousand million files"
    oid = tree_of_trees(repo)
    start, _ = repo.begin(line)
    root = lambda text: repo.tree([(b"40000", b"d", oid), (b"100644", b"f", repo.blob(text))])
    put = repo.commit(root(FILE), [start], "put the bomb\n")
    repo.end(line, repo.commit(root(edit(20, "twenty")), [put], fix(line)))


def moved_bomb(repo, line, scale):
    "that tree, and a fix that moves it"
    oid = tree_of_trees(repo)
    start, _ = repo.begin(line, repo.tree([(b"40000", b"d", oid), (b"100644", b"f", repo.blob(FILE))]))
    moved = repo.tree([(b"40000", b"e", oid), (b"100644", b"f", repo.blob(edit(20, "twenty")))])
    repo.end(line, repo.commit(moved, [start], fix(line)))


def commits(repo, line, scale):
    "5,000 commits that fix nothing"
    many(repo, line, 5000 // scale, lambda i: f"x: change {i}", lambda i: "")


def fixes(repo, line, scale):
    "3,000 fixes"
    many(repo, line, 3000 // scale, lambda i: f"x: fix {i}", lambda i: f"This is XSA-{10000 + i}.\n")


def chain(repo, line, scale):
    "4,500 commits, each repairing the one before, by its subject"
    many(repo, line, 4500 // scale, lambda i: f"x: step {i}",
         lambda i: f"This is XSA-{9000}.\n" if i == 1 else f'Fixes: 0123456789ab ("x: step {i - 1}")\n')


def ladder(repo, line, scale):
    "a fix at the end of 4,500 changes of one line"
    n = 4500 // scale
    many(repo, line, n, lambda i: f"x: step {i}", lambda i: "This is XSA-9100.\n" if i == n else "",
         lambda i: "".join(f"{i} {k}\n" for k in range(20)))


def subjects(repo, line, scale):
    "3,000 commits of one subject, and repairs that name it"
    many(repo, line, 3000 // scale, lambda i: "x: the same",
         lambda i: "This is XSA-9200.\n" if i == 1 else 'Fixes: 0123456789ab ("x: the same")\n')


def copies(repo, line, scale):
    "400 copies of a file, all moved by one commit, and a fix in one of them"
    n = 400 // scale
    text = "".join(f"word {i}\n" for i in range(400))
    oid = repo.blob(text)
    start, _ = repo.begin(line, repo.tree(sorted((b"100644", b"a%04d" % i, oid) for i in range(n))))
    moved = [(b"100644", b"b%04d" % i, repo.blob(text + f"end {i}\n")) for i in range(n)]
    move = repo.commit(repo.tree(moved), [start], "move all\n")
    moved[n // 2] = (b"100644", moved[n // 2][1], repo.blob(text.replace("word 200\n", "words\n")))
    repo.end(line, repo.commit(repo.tree(moved), [move], fix(line)))


def refs(repo, line, scale):
    "20,000 refs like stable branches"
    quiet(repo, line, scale)
    tip = repo.git("rev-parse", f"refs/heads/staging-{line}")
    text = "".join(f"create refs/heads/staging-x{i} {tip}\n" for i in range(20000 // scale))
    repo.git("update-ref", "--stdin", data=text.encode())


def named(repo, line, scale):
    "a commit that says 2,000 times what it repairs"
    simple(repo, line, "g: five\n\n" + "".join(f'Fixes: {i:012x} ("x: step {i}")\n' for i in range(2000)))


def parts(repo, line, scale):
    "a commit that is part of 2,000 advisories"
    simple(repo, line, "g: five\n\n" + "".join(f"This is XSA-{20000 + i}.\n" for i in range(2000)))


def story(repo, line, scale):
    "a message of 2 MiB"
    simple(repo, line, "g: five\n\n" + "a long story\n" * (2 * 1024 * 1024 // 13))


def one_line(repo, line, scale):
    "a message of one line of 900 kB, of what patterns look for"
    simple(repo, line, "g: five\n\nThis is " + "XSA-1 / " * 112000 + "\n")


def nul(repo, line, scale):
    "a NUL in a message, with a tag line behind it"
    simple(repo, line, b"g: five\n\nharmless\0\n\nThis is XSA-666.\n")


def escapes(repo, line, scale):
    "a message and names with escapes, controls, bad UTF-8 and directions"
    simple(repo, line, b"g: \x1b]0;title\x07 \xff\xfe \xe2\x80\xae five\r\n\r\nThis is XSA-77\xc2\x85.\n",
           author="A\rBcc: evil@example.org <a@example.org> 1500000000 +0000")


def dates(repo, line, scale):
    "dates out of range"
    simple(repo, line, "g: five\n", committer="C <c@example.org> 99999999999999999999 +0000",
           author="A <a@example.org> -62135596800 -9999")


def zones(repo, line, scale):
    "a time zone of eight digits"
    simple(repo, line, "g: five\n", committer="C <c@example.org> 1700000000 -13068837")


def nobody(repo, line, scale):
    "a committer without a date, an author without an address"
    simple(repo, line, "g: five\n", committer="C <c@example.org>", author="A 1500000000 +0000")


def headers(repo, line, scale):
    "headers that nobody knows, 100,000 of them"
    simple(repo, line, "g: five\n", extra=b"x-odd thing\n" * (100000 // scale))


def encoding(repo, line, scale):
    "an encoding that there is not, with an escape in it"
    simple(repo, line, "g: five\n", extra=b"encoding \x1b[31mUTF-9\n")


def parents(repo, line, scale):
    "257 parents"
    base, _ = repo.begin(line)
    simple(repo, line, "g: five\n", parents=[base] + [
        repo.commit(repo.files(f=FILE), [base], f"side {i}\n") for i in range(256 // min(scale, 8))])


def trailers(repo, line, scale):
    "trailers that contradict each other, and a circle of prerequisites"
    start, _ = repo.begin(line)
    one = repo.commit(repo.files(f=edit(3, "three"), g=FILE), [start],
                      "f: three\n\nSecurity: XSA-88\nExclude: never\nWithdrawn: bad\nPrerequisite-of: XSA-88\n"
                      "Follow-up-to: XSA-88\nReplaced-by: 1234567\n")
    two = repo.commit(repo.files(f=edit(3, "three"), g=edit(3, "three")), [one],
                      f"g: three\n\nPrerequisite-of: {one}\nThis reverts commit {one}.\n"
                      f"(cherry picked from commit {one})\n\nThis is XSA-89.\n")
    repo.end(line, repo.commit(repo.files(f=edit(20, "twenty"), g=edit(3, "three")), [two],
                               fix(line).rstrip() + f"\nPrerequisite-of: {two}\nFixes: {two[:12]} (\"g: three\")\n"))


def reverts(repo, line, scale):
    "a commit that says it reverts all 400 before it"
    n = 400 // scale
    many(repo, line, n, lambda i: f"x: step {i}", lambda i: f"This is XSA-{9300 + i}.\n")
    ids = repo.git("rev-list", f"RELEASE-{line}.0..staging-{line}").split()
    tip = ids[0]
    tree = repo.git("rev-parse", tip + "^{tree}")
    repo.end(line, repo.commit(tree, [tip], 'Revert "x: step 1"\n\n' + "".join(f"This reverts commit {i}.\n" for i in ids)))


def names(repo, line, scale):
    "names of files that a checkout must never see"
    start, _ = repo.begin(line)
    b = repo.blob("x\n")
    bad = [(b"100644", n, b) for n in (b"\n", b"\x1b[2J", b"..", b".git", b"a/b", b"f", b"f", b"\xff")]
    odd = repo.commit(repo.tree(bad), [start], "names\n")
    repo.end(line, repo.commit(repo.tree([(b"100644", b"..", b), (b"100644", b"f", repo.blob(edit(20, "x")))]), [odd],
                               fix(line)))


def modes(repo, line, scale):
    "modes that there are not, a link, a submodule, a tree said to be a file"
    start, tree = repo.begin(line)
    b = repo.blob("x\n")
    odd = repo.commit(repo.tree([(b"777777", b"a", b), (b"120000", b"b", b), (b"160000", b"c", start),
                                 (b"100644", b"d", tree), (b"40000", b"e", b)]), [start], "modes\n")
    repo.end(line, repo.commit(repo.files(f=edit(20, "x"), g=FILE), [odd], fix(line)))


def deep(repo, line, scale):
    "a path of 2,000 directories"
    oid = repo.blob(FILE)
    new = repo.blob(edit(20, "twenty"))
    mode = b"100644"
    for _ in range(2000 // scale):
        oid, new, mode = repo.tree([(mode, b"d", oid)]), repo.tree([(mode, b"d", new)]), b"40000"
    start, _ = repo.begin(line, oid)
    repo.end(line, repo.commit(new, [start], fix(line)))


def wide(repo, line, scale):
    "a directory of 200,000 files"
    b = repo.blob("x\n")
    entries = [(b"100644", b"f%06d" % i, b) for i in range(200000 // scale)]
    start, _ = repo.begin(line, repo.tree(entries))
    entries[-1] = (b"100644", entries[-1][1], repo.blob("y\n"))
    repo.end(line, repo.commit(repo.tree(entries), [start], fix(line)))


def big(repo, line, scale):
    "a file of 100 MB that a fix changes"
    text = b"0123456789abcde\n" * (6250000 // scale)
    start, _ = repo.begin(line, repo.tree([(b"100644", b"f", repo.blob(text))]))
    repo.end(line, repo.commit(repo.tree([(b"100644", b"f", repo.blob(text + b"more\n"))]), [start], fix(line)))


def twins(repo, line, scale):
    "two files of 40,000 lines, all the same, that a fix and another change shift"
    text = "}\n" * (40000 // scale)
    start, _ = repo.begin(line, repo.files(f=text))
    one = repo.commit(repo.files(f="{\n" + text), [start], "f: begin\n")
    repo.end(line, repo.commit(repo.files(f="{\n" + text + "{\n" + text), [one], fix(line)))


def loop(repo, line, scale):
    "a stable branch that is a symbolic ref, and one to itself"
    quiet(repo, line, scale)
    repo.git("symbolic-ref", "refs/heads/staging-5.98", f"refs/heads/staging-{line}")
    repo.git("symbolic-ref", "refs/heads/staging-5.99", "refs/heads/staging-5.99")


def torn(repo, line, scale):
    "a tip that is cut off"
    quiet(repo, line, scale)


def gone(repo, line, scale):
    "a file of a fix that isn't there"
    start, _ = repo.begin(line)
    b = repo.blob(f"goes away {line}\n")
    repo.end(line, repo.commit(repo.tree([(b"100644", b"f", b)]), [start], fix(line)))
    os.unlink(f"{repo.path}/objects/{b[:2]}/{b[2:]}")


def taken(repo, line, scale):
    "a derived branch that somebody made before"
    quiet(repo, line, scale)
    repo.git("update-ref", f"refs/heads/xsa-{line}", repo.git("rev-parse", f"staging-{line}"))


def state(repo, line, scale):
    "a state ref at a file"
    quiet(repo, line, scale)
    repo.git("update-ref", f"refs/xsabot/state/{line}", repo.blob("state\n"))


def release(repo, line, scale):
    "a release at a tag of a tag of a file"
    quiet(repo, line, scale)
    b = repo.blob("release\n")
    for _ in range(3):
        kind = repo.git("cat-file", "-t", b)
        b = repo.raw("tag", f"object {b}\ntype {kind}\ntag RELEASE-{line}.1\ntagger {WHO}\n\nr\n".encode())
    repo.git("update-ref", f"refs/tags/RELEASE-{line}.1", b)


TROUBLES = [quiet, bomb, moved_bomb, commits, fixes, chain, ladder, subjects, copies, refs, named, parts, story, one_line,
            nul, escapes, dates, zones, nobody, headers, encoding, parents, trailers, reverts, names, modes, deep,
            wide, big, twins, loop, torn, gone, taken, state, release]


def make(path, scale):
    subprocess.run(("git", "init", "-q", "--bare", path), check=True)
    repo = Repo(path)
    for i, trouble in enumerate(TROUBLES):
        trouble(repo, f"5.{i}", int(scale))
        print(f"5.{i} {trouble.__doc__}", flush=True)


def hurt(path):
    repo = Repo(path)
    tip = repo.git("rev-parse", f"staging-5.{TROUBLES.index(torn)}")
    name = f"{path}/objects/{tip[:2]}/{tip[2:]}"
    os.chmod(name, 0o644)
    os.truncate(name, 60)


def run(seconds, *command):
    began = time.monotonic()
    child = subprocess.Popen(command, start_new_session=True)
    try:
        status = child.wait(float(seconds))
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        status = "TIME"
    took = time.monotonic() - began
    status = 128 - status if isinstance(status, int) and status < 0 else status
    print(f"{status} {took:.2f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f}")


if __name__ == "__main__":
    {"make": make, "hurt": hurt, "run": run}[sys.argv[1]](*sys.argv[2:])
