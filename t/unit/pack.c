/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TAP: the pack writer, judged by git itself. */
#include "packs/pack.h"
#include "os/file.h"
#include "packs/packdelta.h"
#include "packs/packidx.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <ftw.h>
#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned count, failed;
static char dir[] = "/tmp/unit-pack-XXXXXX";

static void ok(bool good, const char *what)
{
	printf("%s %u - %s\n", good ? "ok" : "not ok", ++count, what);
	failed += !good;
}

static bool fine(struct xb_err *err)
{
	if (err)
		printf("# %s\n", err->msg);
	xb_err_free(err);
	return !err;
}

/* Runs a shell command of the test's own; true on exit status 0. */
static bool sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool sh(const char *fmt, ...)
{
	XB_AUTOBUF struct xb_buf cmd = XB_BUF_INIT;
	va_list ap;

	xb_buf_addf(&cmd, "cd '%s' && { ", dir);
	va_start(ap, fmt);
	xb_buf_vaddf(&cmd, fmt, ap);
	va_end(ap);
	xb_buf_adds(&cmd, "; } >out 2>&1");
	fflush(stdout);
	if (!system(cmd.p)) /* NOLINT(cert-env33-c): text of this file only */
		return true;
	if (system("true")) /* NOLINT(cert-env33-c) */
		printf("# no shell\n");
	printf("# failed: %s\n", cmd.p);
	return false;
}

struct set {
	struct xb_pack_object *v;
	size_t n, cap;
};

static size_t add(struct set *s, git_object_t type, const void *data, size_t len, ssize_t base)
{
	struct xb_pack_object *o;
	git_oid *base_id = NULL;

	if (base >= 0) {
		base_id = xb_malloc(sizeof *base_id);
		*base_id = s->v[base].oid;
	}
	o = XB_PUSH(s, v, n, cap);
	o->type = type;
	o->data = (const unsigned char *)xb_memdup0(data, len);
	o->len = len;
	o->base = base_id;
	git_odb_hash(&o->oid, data, len, type);
	return s->n - 1;
}

static void set_free(struct set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free((void *)(uintptr_t)s->v[i].data);
		free((void *)(uintptr_t)s->v[i].base);
	}
	free(s->v);
}

/* A tree of 300 entries, all pointing to BLOB but the one at WHICH, which points to OTHER. */
static size_t add_tree(struct set *s, const git_oid *blob, unsigned which, const git_oid *other, ssize_t base)
{
	XB_AUTOBUF struct xb_buf t = XB_BUF_INIT;

	for (unsigned i = 0; i < 300; i++) {
		xb_buf_addf(&t, "100644 file-%03u", i);
		xb_buf_addc(&t, '\0');
		xb_buf_add(&t, (i == which ? other : blob)->id, GIT_OID_RAWSZ);
	}
	return add(s, GIT_OBJECT_TREE, t.p, t.n, base);
}

static size_t add_commit(struct set *s, size_t tree, ssize_t parent, unsigned n)
{
	XB_AUTOBUF struct xb_buf c = XB_BUF_INIT;

	xb_buf_addf(&c, "tree %s\n", xb_hex(&s->v[tree].oid).s);
	if (parent >= 0)
		xb_buf_addf(&c, "parent %s\n", xb_hex(&s->v[parent].oid).s);
	xb_buf_addf(&c, "author A <a@example.com> %u +0000\ncommitter A <a@example.com> %u +0000\n\nno. %u\n",
		    1000 + n, 1000 + n, n);
	return add(s, GIT_OBJECT_COMMIT, c.p, c.n, -1);
}

/* COMMITS commits in a row, each tree with the one before as its base. */
static size_t add_chain(struct set *s, unsigned commits)
{
	size_t nothing = add(s, GIT_OBJECT_BLOB, "nothing\n", 8, -1);
	git_oid zero = s->v[nothing].oid;
	ssize_t tree = -1, commit = -1;

	for (unsigned i = 0; i < commits; i++) {
		XB_AUTOFREE char *text = xb_asprintf("blob number %u\n", i);
		size_t at = add(s, GIT_OBJECT_BLOB, text, strlen(text), -1);
		git_oid blob = s->v[at].oid;

		tree = (ssize_t)add_tree(s, &zero, i % 300, &blob, tree);
		commit = (ssize_t)add_commit(s, (size_t)tree, commit, i);
	}
	return (size_t)commit;
}

static void install(const struct xb_pack_written *w, const char *repo)
{
	sh("rm -rf %s && git init -q --bare %s && cp %s/%s.* %s/objects/pack/", repo, repo, dir, w->name,
	   repo);
}

static bool judged_good(const struct xb_pack_written *w)
{
	return sh("git verify-pack -v %s.idx >list", w->name) && sh("rm -rf j && git init -q --bare j") &&
	       sh("git -C j index-pack --strict --stdin <%s.pack", w->name);
}

static void test_chain(void)
{
	struct set s = {NULL, 0, 0};
	struct xb_pack_written w;
	size_t tip = add_chain(&s, 120);

	ok(fine(xb_pack_write(dir, s.v, s.n, &w)), "a chain of 120 commits is written");
	ok(judged_good(&w), "git verify-pack and index-pack --strict accept it");
	ok(w.objects == 361, "every object is in it");
	ok(w.deltas == 117, "of 120 trees, each 51st is whole");
	ok(sh("grep 'chain length = 50' list && ! grep 'chain length = 51' list"),
	   "deltas are 50 deep at most");
	install(&w, "r");
	ok(sh("git -C r update-ref refs/heads/m %s && git -C r fsck --strict", xb_hex(&s.v[tip].oid).s),
	   "git fsck --strict accepts a repository with it");
	ok(sh("git -C r rev-list --objects m | wc -l | grep -qx 361"), "every object is reachable");
	ok(sh("cp %s.pack c.pack && git index-pack -o c.idx c.pack && cmp c.idx %s.idx", w.name, w.name),
	   "the index is what git index-pack writes");
	ok(sh("test $(stat -c %%a %s.pack) = 444 && test $(stat -c %%a %s.idx) = 444", w.name, w.name),
	   "both files are read-only");
	ok(sh("test pack-$(tail -c 20 %s.pack | od -An -tx1 | tr -d ' \\n') = %s", w.name, w.name),
	   "the pack's name is its checksum");
	xb_pack_written_release(&w);
	set_free(&s);
}

/* One base, many shapes: what is cut, grown, replaced or equal. */
static void test_shapes(void)
{
	static const size_t lens[] = {0, 1, 15, 16, 127, 128, 4096, 65535, 65536, 65537, 300000, 17000000};
	struct set s = {NULL, 0, 0};
	struct xb_pack_written w;
	size_t len = 17000001;
	XB_AUTOFREE unsigned char *big = xb_malloc(len);
	ssize_t base;

	for (size_t i = 0; i < len; i++)
		big[i] = (unsigned char)(i * 2654435761u >> 13);
	base = (ssize_t)add(&s, GIT_OBJECT_BLOB, big, len, -1);
	for (size_t i = 0; i < sizeof lens / sizeof *lens; i++)
		add(&s, GIT_OBJECT_BLOB, big, lens[i], base);
	big[8500000] ^= 1;
	add(&s, GIT_OBJECT_BLOB, big, len, base); /* a head, a byte, a tail */
	big[16999990] ^= 1;
	add(&s, GIT_OBJECT_BLOB, big, len, (ssize_t)s.n - 1);
	ok(fine(xb_pack_write(dir, s.v, s.n, &w)), "blobs of all lengths up to 17 MB are written");
	ok(judged_good(&w), "git accepts them");
	ok(w.deltas >= 3, "copies of more than 16 MB are deltas too");
	xb_pack_written_release(&w);
	set_free(&s);
}

static void test_odd(void)
{
	struct set s = {NULL, 0, 0};
	struct xb_pack_written w;
	XB_AUTOFREE char *text = xb_malloc(1000);
	struct xb_pack_object swap;

	memset(text, 'x', 1000);
	add(&s, GIT_OBJECT_BLOB, text, 999, -1);
	add(&s, GIT_OBJECT_BLOB, text, 1000, 0);
	add(&s, GIT_OBJECT_BLOB, text, 1000, 0); /* twice */
	add(&s, GIT_OBJECT_TREE, "", 0, 0);      /* another type's base */
	swap = s.v[0];
	s.v[0] = s.v[1]; /* before its base */
	s.v[1] = swap;
	ok(fine(xb_pack_write(dir, s.v, s.n, &w)), "odd input is written");
	ok(judged_good(&w), "git accepts it");
	ok(w.objects == 3 && w.deltas == 0,
	   "repeated objects are stored once, bases that come later are not used");
	xb_pack_written_release(&w);
	set_free(&s);
}

static void test_same(void)
{
	struct set s = {NULL, 0, 0};
	struct xb_pack_written a, b;

	add_chain(&s, 5);
	ok(fine(xb_pack_write(dir, s.v, s.n, &a)) && fine(xb_pack_write(dir, s.v, s.n, &b)) &&
	       !strcmp(a.name, b.name),
	   "the same objects give the same pack");
	xb_pack_written_release(&a);
	xb_pack_written_release(&b);
	ok(!fine(xb_pack_write("/nonexistent/dir", s.v, s.n, &a)) && !a.name,
	   "a missing directory is an error");
	ok(sh("! ls tmp-pack-* *.tmp-*"), "no temporary file is left");
	set_free(&s);
}

/* Offsets of more than 31 bits, without a pack of 2 GiB: git's own index with the same limit. */
static void test_large(void)
{
	struct set s = {NULL, 0, 0};
	struct xb_pack_written w;
	XB_AUTOBUF struct xb_buf idx = XB_BUF_INIT;
	XB_AUTOBUF struct xb_buf git = XB_BUF_INIT;
	XB_AUTOFREE char *path = xb_asprintf("%s/large.idx", dir);
	struct xb_packidx_entry entries[16];
	unsigned char sum[SHA_DIGEST_LENGTH];
	size_t n;

	add_chain(&s, 4);
	ok(fine(xb_pack_write(dir, s.v, s.n, &w)) && w.objects == 13, "a small pack");
	ok(sh("cp %s.pack l.pack && git index-pack --index-version=2,0x200 -o large.idx l.pack", w.name),
	   "git index-pack with large offsets from 0x200");
	ok(fine(xb_file_read(path, 1 << 20, &git)), "its index is read");
	n = w.objects;
	for (size_t i = 0, large = 0; i < n; i++) {
		const unsigned char *t = (const unsigned char *)git.p + 8 + 1024, *crc = t + 20 * n + 4 * i,
				    *off = t + 24 * n + 4 * i, *big = t + 28 * n + 8 * large + 4;

		memcpy(entries[n - 1 - i].oid.id, t + 20 * i, 20);
		entries[n - 1 - i].crc =
		    (uint32_t)crc[0] << 24 | (uint32_t)crc[1] << 16 | (uint32_t)crc[2] << 8 | crc[3];
		if (off[0] & 0x80) {
			off = big;
			large++;
		}
		entries[n - 1 - i].offset = (uint64_t)off[2] << 8 | off[3];
	}
	memcpy(sum, git.p + git.n - 40, sizeof sum);
	xb_packidx_make(entries, n, sum, 0x200, &idx);
	ok(idx.n == git.n && !memcmp(idx.p, git.p, idx.n),
	   "our index with the same limit is the same, byte for byte");
	entries[0].offset = 0x123456789aULL;
	xb_buf_setlen(&idx, 0);
	xb_packidx_make(entries, n, sum, 1u << 31, &idx);
	ok(!memcmp(idx.p + idx.n - 48, "\0\0\0\x12\x34\x56\x78\x9a", 8),
	   "an offset beyond 2 GiB is in the large table");
	xb_pack_written_release(&w);
	set_free(&s);
}

/* Applies a delta, as gitformat-pack(5) tells; -1 when it is malformed. */
static ssize_t apply(const unsigned char *base, const struct xb_buf *d, unsigned char *out)
{
	const unsigned char *p = (const unsigned char *)d->p, *end = p + d->n;
	size_t n = 0;

	for (int sizes = 2; sizes;)
		if (!(*p++ & 0x80))
			sizes--;
	while (p < end) {
		unsigned op = *p++, size = 0, offset = 0;

		if (!(op & 0x80)) {
			memcpy(out + n, p, op);
			p += op;
			n += op;
			continue;
		}
		for (unsigned i = 0; i < 4; i++)
			if (op & 1u << i)
				offset |= (unsigned)*p++ << 8 * i;
		for (unsigned i = 0; i < 3; i++)
			if (op & 0x10u << i)
				size |= (unsigned)*p++ << 8 * i;
		if (!size)
			return -1; /* would mean 0x10000 */
		memcpy(out + n, base + offset, size);
		n += size;
	}
	return (ssize_t)n;
}

static void test_random(void)
{
	unsigned char base[2000], data[2000], got[4000];
	unsigned seed = 1, used = 0;
	bool same = true;

	for (unsigned round = 0; round < 20000; round++) {
		XB_AUTOBUF struct xb_buf d = XB_BUF_INIT;
		size_t base_len, len, at;

		seed = seed * 1103515245 + 12345;
		base_len = seed >> 8 & 1023;
		len = (seed >> 18 & 1) ? base_len : seed >> 20 & 1023;
		for (size_t i = 0; i < sizeof base; i++)
			base[i] = data[i] = (unsigned char)(i % (1 + (seed >> 4 & 31)));
		at = len ? seed % len : 0;
		data[at] ^= 1;
		if (!xb_packdelta_make(base, base_len, data, len, &d))
			continue;
		used++;
		same = same && apply(base, &d, got) == (ssize_t)len && !memcmp(got, data, len);
	}
	ok(same && used > 1000, "20,000 random deltas give their object back");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

int main(void)
{
	if (!mkdtemp(dir) || !fine(xb_git_init()))
		return 1;
	test_chain();
	test_shapes();
	test_odd();
	test_same();
	test_large();
	test_random();
	printf("1..%u\n", count);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	git_libgit2_shutdown();
	return failed != 0;
}
