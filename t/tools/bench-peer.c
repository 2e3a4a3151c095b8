/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two things that t/bench measures xsabot against, made with libgit2 alone:
 *
 *	init                     library start and nothing else
 *	cherrypick REPO [lean]   a loop over git_cherrypick_commit, commits as loose objects;
 *	                         lean: libgit2's checks of ids and objects off, as git has it
 *	floor REPO READS MERGES WRITES
 *	                         what nobody can do without, and nothing else: inflate the
 *	                         objects READS, merge the texts MERGES ("BASE OURS THEIRS"),
 *	                         hash the objects WRITES and deflate those that are no trees
 *	                         (a tree is stored as a delta of some 30 bytes), with the
 *	                         fastest that is known for each
 *
 * cherrypick reads "window COMMIT" and "COMMIT PARENT" lines from standard
 * input and prints each window's last tree; floor prints CPU seconds as JSON.
 */
#include "packs/packs.h"
#include "repo/git.h"

#include <err.h>
#include <git2.h>
#include <libdeflate.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void check(int rc, const char *what)
{
	const git_error *e = rc < 0 ? git_error_last() : NULL;

	if (rc < 0)
		errx(70, "%s: %s", what, e ? e->message : "failed");
}

static git_oid oid_of(const char *hex)
{
	git_oid oid;

	check(git_oid_fromstr(&oid, hex), hex);
	return oid;
}

static git_repository *open_repo(const char *path)
{
	git_repository *repo;

	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	check(git_repository_open(&repo, path), path);
	return repo;
}

/* The commit of PICK's change on TIP; or TIP itself, when it conflicts or changes nothing. */
static git_oid cherrypick(git_repository *repo, const git_oid *tip, const git_oid *pick)
{
	git_commit *ours, *theirs;
	git_index *index;
	git_oid tree_id, out = *tip;
	git_tree *tree;

	check(git_commit_lookup(&ours, repo, tip), "the tip");
	check(git_commit_lookup(&theirs, repo, pick), "the pick");
	check(git_cherrypick_commit(&index, repo, theirs, ours, git_commit_parentcount(theirs) > 1, NULL),
	      "git_cherrypick_commit");
	if (!git_index_has_conflicts(index)) {
		const git_commit *parents[] = {ours};

		check(git_index_write_tree_to(&tree_id, index, repo), "git_index_write_tree_to");
		if (!git_oid_equal(&tree_id, git_commit_tree_id(ours))) {
			check(git_tree_lookup(&tree, repo, &tree_id), "the tree");
			check(git_commit_create(&out, repo, NULL, git_commit_author(theirs),
						git_commit_author(theirs),
						git_commit_message_encoding(theirs),
						git_commit_message(theirs), tree, 1, parents),
			      "git_commit_create");
			git_tree_free(tree);
		}
	}
	git_index_free(index);
	git_commit_free(ours);
	git_commit_free(theirs);
	return out;
}

static void print_tree(git_repository *repo, const git_oid *tip)
{
	git_commit *c;

	check(git_commit_lookup(&c, repo, tip), "the last commit");
	puts(xb_hex(git_commit_tree_id(c)).s);
	git_commit_free(c);
}

static void do_cherrypick(const char *path, bool lean)
{
	git_repository *repo = open_repo(path);
	char a[65], b[65];
	git_oid tip;
	bool any = false;

	if (lean) {
		git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
		git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	}
	while (scanf("%64s %64s", a, b) == 2) {
		git_oid oid = oid_of(strcmp(a, "window") ? a : b);

		if (strcmp(a, "window") != 0) {
			tip = cherrypick(repo, &tip, &oid);
			continue;
		}
		if (any)
			print_tree(repo, &tip);
		tip = oid;
		any = true;
	}
	if (any)
		print_tree(repo, &tip);
	git_repository_free(repo);
}

/* Objects by id, in the order of the file that named them. */
struct objects {
	git_oid *ids;
	git_odb_object **v;
	size_t n;
};

static struct objects read_ids(const char *file, size_t per_line)
{
	FILE *f = fopen(file, "r");
	struct objects o = {0};
	size_t cap = 0;
	char hex[65];

	if (!f)
		err(70, "%s", file);
	while (fscanf(f, "%64s", hex) == 1) {
		if (o.n == cap) {
			cap = cap ? 2 * cap : 1024;
			o.ids = reallocarray(o.ids, cap, sizeof *o.ids);
			if (!o.ids)
				err(70, "memory");
		}
		o.ids[o.n++] = oid_of(hex);
	}
	fclose(f);
	if (o.n % per_line)
		errx(64, "%s: lines of %zu ids are expected", file, per_line);
	o.v = calloc(o.n + 1, sizeof *o.v);
	if (!o.v)
		err(70, "memory");
	return o;
}

static void load(git_odb *odb, struct objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		check(git_odb_read(&o->v[i], odb, &o->ids[i]), "git_odb_read");
}

static void free_objects(struct objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		git_odb_object_free(o->v[i]);
	free(o->v);
	free(o->ids);
}

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void merge(const struct objects *o)
{
	for (size_t i = 0; i < o->n; i += 3) {
		git_merge_file_input in[3];
		git_merge_file_result out;

		for (size_t k = 0; k < 3; k++) {
			git_merge_file_input_init(&in[k], GIT_MERGE_FILE_INPUT_VERSION);
			in[k].ptr = git_odb_object_data(o->v[i + k]);
			in[k].size = git_odb_object_size(o->v[i + k]);
		}
		check(git_merge_file(&out, &in[0], &in[1], &in[2], NULL), "git_merge_file");
		git_merge_file_result_free(&out);
	}
}

static void hash(const struct objects *o)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *sha1 = EVP_sha1();
	unsigned char sum[EVP_MAX_MD_SIZE];

	for (size_t i = 0; i < o->n; i++) {
		char header[64];
		size_t size = git_odb_object_size(o->v[i]);
		int n = snprintf(header, sizeof header, "%s %zu",
				 git_object_type2string(git_odb_object_type(o->v[i])), size);

		if (!EVP_DigestInit_ex(ctx, sha1, NULL) || !EVP_DigestUpdate(ctx, header, (size_t)n + 1) ||
		    !EVP_DigestUpdate(ctx, git_odb_object_data(o->v[i]), size) ||
		    !EVP_DigestFinal_ex(ctx, sum, NULL))
			errx(70, "SHA-1");
		if (memcmp(sum, o->ids[i].id, 20) != 0)
			errx(70, "an object's id is wrong");
	}
	EVP_MD_CTX_free(ctx);
}

/* The same by the library's SHA-1, which detects collisions. */
static void hash_carefully(const struct objects *o)
{
	for (size_t i = 0; i < o->n; i++) {
		git_oid oid;

		check(git_odb_hash(&oid, git_odb_object_data(o->v[i]), git_odb_object_size(o->v[i]),
				   git_odb_object_type(o->v[i])),
		      "git_odb_hash");
	}
}

static void read_fast(git_repository *repo, git_odb *odb, const struct objects *o)
{
	char dir[4096];
	struct xb_packs *packs;

	snprintf(dir, sizeof dir, "%sobjects", git_repository_commondir(repo));
	packs = xb_packs_open(dir);
	for (size_t i = 0; i < o->n; i++) {
		struct xb_packed *got;
		git_odb_object *other;

		if (xb_packs_read(packs, &o->ids[i], SIZE_MAX, &got) == XB_PACKS_FOUND) {
			xb_packed_unref(got);
			continue;
		}
		check(git_odb_read(&other, odb, &o->ids[i]), "git_odb_read");
		git_odb_object_free(other);
	}
	xb_packs_free(packs);
}

static void deflate_all(const struct objects *o)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(1);
	size_t cap = 0;
	void *out = NULL;

	for (size_t i = 0; i < o->n; i++) {
		size_t size = git_odb_object_size(o->v[i]), need = libdeflate_zlib_compress_bound(c, size);

		if (git_odb_object_type(o->v[i]) == GIT_OBJECT_TREE)
			continue;
		if (need > cap) {
			cap = 2 * need;
			free(out);
			out = malloc(cap);
		}
		if (!out || !libdeflate_zlib_compress(c, git_odb_object_data(o->v[i]), size, out, cap))
			errx(70, "libdeflate");
	}
	libdeflate_free_compressor(c);
	free(out);
}

static void do_floor(char **argv)
{
	git_repository *repo = open_repo(argv[0]);
	double start = cpu(), t[7];
	git_odb *odb = NULL;
	struct objects reads, merges, writes;

	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	check(git_repository_odb(&odb, repo), "the object database");
	reads = read_ids(argv[1], 1);
	merges = read_ids(argv[2], 3);
	writes = read_ids(argv[3], 1);
	t[0] = cpu();
	load(odb, &reads);
	t[1] = cpu();
	/* What is merged and written was read or made before: it is there. */
	load(odb, &merges);
	load(odb, &writes);
	t[2] = cpu();
	merge(&merges);
	t[3] = cpu();
	hash(&writes);
	t[4] = cpu();
	deflate_all(&writes);
	t[5] = cpu();
	read_fast(repo, odb, &reads);
	t[6] = cpu();
	hash_carefully(&writes);
	printf("{\"start\": %.6f, \"read\": %.6f, \"merge\": %.6f, \"hash\": %.6f, \"deflate\": %.6f, "
	       "\"libgit2_read\": %.6f, \"careful_hash\": %.6f}\n",
	       start, t[6] - t[5], t[3] - t[2], t[4] - t[3], t[5] - t[4], t[1] - t[0], cpu() - t[6]);
	free_objects(&reads);
	free_objects(&merges);
	free_objects(&writes);
	git_odb_free(odb);
	git_repository_free(repo);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (!strcmp(verb, "init") && argc == 2)
		return git_libgit2_init() < 0;
	if (!strcmp(verb, "cherrypick") && argc >= 3)
		do_cherrypick(argv[2], argc > 3 && !strcmp(argv[3], "lean"));
	else if (!strcmp(verb, "floor") && argc == 6)
		do_floor(argv + 2);
	else
		errx(64, "see the top of t/bench-peer.c");
	return 0;
}
