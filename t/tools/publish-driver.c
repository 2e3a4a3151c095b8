/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What t3000 drives: makes a commit on top of a ref, in memory, and publishes
 * it. Prints the outcome. Exit status as of xsabot, 1 for a result that is no
 * success.
 *
 *	publish-driver publish STATE PUBLIC REF [SECOND-REF]
 *	publish-driver loop COUNT STATE PUBLIC REF
 *	publish-driver stale STATE PUBLIC REF WATCHED
 *	publish-driver spoilt missing|false STATE PUBLIC REF
 *	publish-driver move PUBLIC REF OLD NEW
 *	publish-driver recover STATE PUBLIC [LOCK-AGE-S [WATCH-MS]]
 *	publish-driver hold-lock STATE COMMAND...
 *	publish-driver open PUBLIC
 */
#include "os/file.h"
#include "os/lock.h"
#include "os/log.h"
#include "publish/keep.h"
#include "publish/publication.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAD = 4000 };

static bool allowed(const char *ref, void *data)
{
	(void)data;
	return !strncmp(ref, "refs/heads/", 11) || !strncmp(ref, "refs/xsabot/", 12);
}

static const struct xb_ref_policy policy = {allowed, NULL};

/* Three objects: a blob with new text, a tree with it in, a commit on PARENT. */
struct made {
	struct xb_pack_object v[3];
	char *blob;
	struct xb_buf tree, commit;
};

static void set_object(struct xb_pack_object *o, git_object_t type, const void *data, size_t n)
{
	o->type = type;
	o->data = data;
	o->len = n;
	git_odb_hash(&o->oid, data, n, type);
}

/* The text is the parent's id and padding, so that each commit changes all three objects. */
static void make(struct made *m, const git_oid *parent)
{
	m->blob = xb_asprintf("%s %*s\n", xb_hex(parent).s, PAD, "x");
	set_object(&m->v[0], GIT_OBJECT_BLOB, m->blob, strlen(m->blob));
	xb_buf_add(&m->tree, "100644 file\0", 12);
	xb_buf_add(&m->tree, m->v[0].oid.id, GIT_OID_RAWSZ);
	set_object(&m->v[1], GIT_OBJECT_TREE, m->tree.p, m->tree.n);
	xb_buf_addf(&m->commit, "tree %s\n", xb_hex(&m->v[1].oid).s);
	if (!git_oid_is_zero(parent))
		xb_buf_addf(&m->commit, "parent %s\n", xb_hex(parent).s);
	xb_buf_adds(&m->commit, "author A <a@example.com> 1000 +0000\ncommitter A <a@example.com> 1000 "
				"+0000\n\nnext\n");
	set_object(&m->v[2], GIT_OBJECT_COMMIT, m->commit.p, m->commit.n);
}

static void made_release(struct made *m)
{
	free(m->blob);
	xb_buf_release(&m->tree);
	xb_buf_release(&m->commit);
}

static int tell(const struct xb_pub_result *r)
{
	static const char *const words[] = {"done", "stale", "refused", "partial"};

	if (r->outcome == XB_PUB_DONE)
		printf("done\n");
	else
		printf("%s %zu %s\n", words[r->outcome], r->stopped_at, xb_move_text(r->why));
	if (r->later)
		printf("later: %s\n", r->later->msg);
	return r->outcome != XB_PUB_DONE || r->later;
}

static struct xb_err *start(char **argv, int *lock, struct xb_vault **v)
{
	XB_TRY(xb_lock_acquire(argv[0], lock));
	return xb_vault_open(argv[0], argv[1], 0, v);
}

/* What is wrong with the pack: nothing, it lacks the commit's tree, or an object is not what its id says. */
enum spoilt { GOOD, MISSING, FALSE };

static void spoil(struct made *m, enum spoilt how)
{
	if (how == MISSING)
		m->v[1] = m->v[0]; /* which is stored once */
	if (how == FALSE)
		m->blob[0] ^= 1;
}

/* REFS[1] may be NULL; WATCHED too: it is given a value that it has not. */
static struct xb_err *publish(struct xb_vault *v, char **refs, char *watched, enum spoilt how, int *status)
{
	__attribute__((cleanup(made_release))) struct made m = {0};
	__attribute__((cleanup(xb_pack_written_release))) struct xb_pack_written w = {0};
	__attribute__((cleanup(xb_pub_result_release))) struct xb_pub_result r = {0};
	struct xb_ref_update u[2] = {{.name = refs[0]}, {.name = refs[1]}};
	struct xb_ref_update other = {.name = watched};
	struct xb_publication p = {.id = "test",
				   .pack = &w,
				   .refs = u,
				   .n_refs = refs[1] ? 2 : 1,
				   .watched = &other,
				   .n_watched = watched ? 1 : 0};

	for (size_t i = 0; i < p.n_refs; i++)
		XB_TRY(xb_ref_value(v->public_repo, refs[i], &u[i].old_id));
	make(&m, &u[0].old_id);
	u[0].new_id = u[1].new_id = m.v[2].oid;
	spoil(&m, how);
	XB_TRY(xb_pack_write(v->pack_dir, m.v, 3, &w));
	XB_TRY(xb_publication_run(v, &p, &policy, &r));
	if (r.intent)
		XB_TRY(xb_intent_clear(v->intent_dir, "test"));
	*status = tell(&r);
	return NULL;
}

static struct xb_err *cmd_publish(int argc, char **argv, int *status)
{
	XB_AUTOCLOSE int lock = -1;
	XB_AUTOPTR(xb_vault) *v = NULL;
	char *refs[2] = {argv[2], argc > 3 ? argv[3] : NULL};

	XB_TRY(start(argv, &lock, &v));
	return publish(v, refs, NULL, GOOD, status);
}

static struct xb_err *cmd_loop(int argc, char **argv, int *status)
{
	XB_AUTOCLOSE int lock = -1;
	XB_AUTOPTR(xb_vault) *v = NULL;
	char *refs[2] = {argv[3], NULL};
	int bad = 0;

	(void)argc;
	XB_TRY(start(argv + 1, &lock, &v));
	for (long i = strtol(argv[0], NULL, 10); i > 0; i--) {
		XB_TRY(publish(v, refs, NULL, GOOD, status));
		bad |= *status;
	}
	*status = bad;
	return NULL;
}

static struct xb_err *cmd_stale(int argc, char **argv, int *status)
{
	XB_AUTOCLOSE int lock = -1;
	XB_AUTOPTR(xb_vault) *v = NULL;
	char *refs[2] = {argv[2], NULL};

	(void)argc;
	XB_TRY(start(argv, &lock, &v));
	return publish(v, refs, argv[3], GOOD, status);
}

static struct xb_err *cmd_spoilt(int argc, char **argv, int *status)
{
	XB_AUTOCLOSE int lock = -1;
	XB_AUTOPTR(xb_vault) *v = NULL;
	char *refs[2] = {argv[3], NULL};

	(void)argc;
	XB_TRY(start(argv + 1, &lock, &v));
	return publish(v, refs, NULL, strcmp(argv[0], "missing") ? FALSE : MISSING, status);
}

static struct xb_err *cmd_move(int argc, char **argv, int *status)
{
	XB_AUTOGIT(git_repository) *repo = NULL;
	struct xb_ref_update u = {.name = argv[1]};
	enum xb_move m;

	(void)argc;
	git_oid_fromstr(&u.old_id, argv[2]);
	git_oid_fromstr(&u.new_id, argv[3]);
	XB_TRY(xb_git_open(argv[0], 0, &repo));
	XB_TRY(xb_ref_move(repo, &u, &policy, &m));
	printf("%s\n", xb_move_text(m));
	*status = m != XB_MOVE_DONE;
	return NULL;
}

static struct xb_err *cmd_recover(int argc, char **argv, int *status)
{
	static const char *const words[] = {"complete", "abandoned", "stopped", "locked"};
	__attribute__((cleanup(xb_recovered_release))) struct xb_recovered r = {0};
	XB_AUTOCLOSE int lock = -1;
	XB_AUTOPTR(xb_vault) *v = NULL;
	struct xb_lock_rule rule = {argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0,
				    argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 5};

	(void)status;
	XB_TRY(start(argv, &lock, &v));
	XB_TRY(xb_publication_recover(v, &policy, &rule, &r));
	for (size_t i = 0; i < r.n; i++) {
		printf("%s %s\n", r.v[i].intent.id, words[r.v[i].state]);
		if (r.v[i].state == XB_REC_COMPLETE || r.v[i].state == XB_REC_STOPPED)
			XB_TRY(xb_intent_clear(v->intent_dir, r.v[i].intent.id));
	}
	printf("swept %zu\n", r.swept);
	return NULL;
}

static struct xb_err *cmd_hold_lock(int argc, char **argv, int *status)
{
	XB_AUTOCLOSE int lock = -1;
	pid_t pid;

	(void)argc;
	XB_TRY(xb_lock_acquire(argv[0], &lock));
	pid = fork();
	if (!pid) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (waitpid(pid, status, 0) < 0)
		return xb_err_new(XB_E_INTERNAL, "no child");
	*status = WEXITSTATUS(*status);
	return NULL;
}

static struct xb_err *cmd_open(int argc, char **argv, int *status)
{
	XB_AUTOGIT(git_repository) *repo = NULL;

	(void)argc;
	(void)status;
	return xb_git_open(argv[0], 0, &repo);
}

static const struct {
	const char *name;
	struct xb_err *(*run)(int argc, char **argv, int *status);
	int min;
} commands[] = {
    {"publish", cmd_publish, 3}, {"loop", cmd_loop, 4},       {"stale", cmd_stale, 4},
    {"move", cmd_move, 4},       {"recover", cmd_recover, 2}, {"hold-lock", cmd_hold_lock, 2},
    {"open", cmd_open, 1},       {"spoilt", cmd_spoilt, 4},
};

int main(int argc, char **argv)
{
	struct xb_err *err = xb_git_init();
	int status = 0;

	for (size_t i = 0; !err && i < sizeof commands / sizeof *commands; i++)
		if (argc > 1 && !strcmp(argv[1], commands[i].name) && argc - 2 >= commands[i].min) {
			err = commands[i].run(argc - 2, argv + 2, &status);
			if (err) {
				xb_log(XB_ERROR, "%s", err->msg);
				status = xb_err_exit_status(err);
				xb_err_free(err);
			}
			git_libgit2_shutdown();
			return status;
		}
	xb_err_free(err);
	return 64;
}
