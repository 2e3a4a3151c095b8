/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ancestry.h"

#include "oidmap.h"
#include "repo/git.h"
#include "util/alloc.h"

/* Questions that are answered each by a walk of its own; one walk over everything answers all others. */
#define WALKS_MAX 64

#define KEPT_MAX 64 /* commits that wait to be shown are kept in memory up to this many */

enum {
	OF_TIP = 1, /* an ancestor of the tip */
	NOT_OF_TIP = 2,
	/* marks of one walk */
	FROM_TIP = 4,
	FROM_OTHER = 8,
	BOTH = FROM_TIP | FROM_OTHER,
	WAITING = 16,
};

struct node {
	git_oid oid;
	int64_t time;
	struct node **parents;
	unsigned n_parents;
	bool read;
	unsigned flags;
};

/* The newest on top; equal dates by id, so that the order depends on nothing else. */
struct heap {
	struct pending {
		struct node *node;
		struct xb_raw raw; /* the commit, where it was kept */
	} * v;
	size_t n, cap;
};

struct xb_ancestry {
	struct xb_store *s;
	struct xb_oidmap nodes;
	struct node *tip;
	unsigned walks;
	bool all; /* every ancestor has its mark */
	struct {
		struct node **v;
		size_t n, cap;
	} touched; /* nodes with marks of this walk */
};

static struct node *node_of(struct xb_ancestry *a, const git_oid *oid)
{
	struct node *n = xb_oidmap_get(&a->nodes, oid);

	if (n)
		return n;
	n = xb_calloc(1, sizeof *n);
	n->oid = *oid;
	xb_oidmap_set(&a->nodes, oid, n);
	return n;
}

struct xb_ancestry *xb_ancestry_new(struct xb_store *s, const git_oid *tip)
{
	struct xb_ancestry *a = xb_calloc(1, sizeof *a);

	a->s = s;
	a->tip = node_of(a, tip);
	a->tip->flags = OF_TIP;
	return a;
}

static void free_node(void *value)
{
	struct node *n = value;

	XB_FREE(n->parents, n);
}

void xb_ancestry_free(struct xb_ancestry *a)
{
	if (!a)
		return;
	xb_oidmap_clear(&a->nodes, free_node);
	XB_FREE(a->touched.v, a);
}

static bool above(const struct pending *x, const struct pending *y)
{
	const struct node *a = x->node, *b = y->node;

	return a->time != b->time ? a->time > b->time : git_oid_cmp(&a->oid, &b->oid) < 0;
}

static void heap_push(struct heap *h, struct pending p)
{
	size_t i;

	xb_grow((void *)&h->v, &h->cap, h->n + 1, sizeof *h->v);
	for (i = h->n++; i && above(&p, &h->v[(i - 1) / 2]); i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = p;
}

static struct pending heap_pop(struct heap *h)
{
	struct pending top = h->v[0], last = h->v[--h->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && above(&h->v[child + 1], &h->v[child]))
			child++;
		if (!above(&h->v[child], &last))
			break;
		h->v[i] = h->v[child];
		i = child;
	}
	if (h->n)
		h->v[i] = last;
	return top;
}

static void heap_release(struct heap *h)
{
	for (size_t i = 0; i < h->n; i++)
		xb_raw_release(&h->v[i].raw);
	free(h->v);
}

static struct xb_err *parse(const struct xb_raw *raw, const git_oid *oid, struct xb_commit *c)
{
	struct xb_err *err = xb_commit_parse(raw->data, raw->len, c);

	return err ? xb_err_wrap(err, "commit %s", xb_hex(oid).s) : NULL;
}

/* Fills in the node's date and parents. RAW gets the object, the caller's to release. */
static struct xb_err *read_node(struct xb_ancestry *a, struct node *n, struct xb_raw *raw)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	XB_TRY(xb_store_read(a->s, &n->oid, GIT_OBJECT_COMMIT, raw));
	XB_TRY(parse(raw, &n->oid, &c));
	if (n->read)
		return NULL;
	n->read = true;
	n->time = c.committer.time;
	n->n_parents = (unsigned)c.n_parents;
	n->parents = xb_calloc(c.n_parents, sizeof(struct node *));
	for (size_t i = 0; i < c.n_parents; i++)
		n->parents[i] = node_of(a, &c.parents[i]);
	return NULL;
}

static struct xb_err *know(struct xb_ancestry *a, struct node *n)
{
	XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;

	return n->read ? NULL : read_node(a, n, &raw);
}

/* Puts a commit that is to be shown into the heap, as it was read for its date. */
static struct xb_err *queue(struct xb_ancestry *a, struct heap *h, struct node *n)
{
	struct pending p = {n, XB_RAW_INIT};

	if (n->flags & WAITING)
		return NULL;
	XB_TRY(read_node(a, n, &p.raw));
	n->flags |= OF_TIP | WAITING;
	*XB_PUSH(&a->touched, v, n, cap) = n;
	if (h->n >= KEPT_MAX)
		xb_raw_release(&p.raw);
	heap_push(h, p);
	return NULL;
}

static struct xb_err *show(struct xb_ancestry *a, struct pending *p, xb_ancestor_fn fn, void *ctx)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	if (!p->raw.data)
		XB_TRY(xb_store_read(a->s, &p->node->oid, GIT_OBJECT_COMMIT, &p->raw));
	XB_TRY(parse(&p->raw, &p->node->oid, &c));
	/* cppcheck-suppress returnDanglingLifetime ; errors own their text */
	return fn(ctx, &p->node->oid, &c);
}

/* Takes the marks of one walk off again. */
static void forget_walk(struct xb_ancestry *a)
{
	for (size_t i = 0; i < a->touched.n; i++)
		a->touched.v[i]->flags &= OF_TIP | NOT_OF_TIP;
	a->touched.n = 0;
}

struct xb_err *xb_ancestry_newest(struct xb_ancestry *a, size_t count, xb_ancestor_fn fn, void *ctx)
{
	struct heap h = {0};
	struct xb_err *err = queue(a, &h, a->tip);

	for (; !err && h.n && count; count--) {
		struct pending p = heap_pop(&h);

		for (unsigned i = 0; !err && i < p.node->n_parents; i++)
			err = queue(a, &h, p.node->parents[i]);
		if (!err)
			err = show(a, &p, fn, ctx);
		xb_raw_release(&p.raw);
	}
	heap_release(&h);
	forget_walk(a);
	return err;
}

/*
 * A walk from the tip and from another commit at once, newest first, until all
 * that waits is common. Then the other one can't be met any more from the tip:
 * what waits on the way to it would be above it, and so not common.
 */
struct search {
	struct xb_ancestry *a;
	struct heap heap;
	size_t open; /* waiting and not common */
};

static bool is_open(const struct node *n)
{
	return (n->flags & WAITING) && (n->flags & BOTH) != BOTH;
}

/* A commit that gets a mark which it didn't have waits, again perhaps, to hand it on. */
static struct xb_err *paint(struct search *s, struct node *n, unsigned marks)
{
	bool open = is_open(n);

	if ((n->flags & marks) == marks)
		return NULL;
	XB_TRY(know(s->a, n));
	if (!(n->flags & WAITING))
		heap_push(&s->heap, (struct pending){n, XB_RAW_INIT});
	*XB_PUSH(&s->a->touched, v, n, cap) = n;
	n->flags |= marks | WAITING | (marks & FROM_TIP ? OF_TIP : 0);
	s->open += is_open(n);
	s->open -= open;
	return NULL;
}

static struct xb_err *walk_both(struct search *s, struct node *other)
{
	XB_TRY(paint(s, other, FROM_OTHER));
	XB_TRY(paint(s, s->a->tip, FROM_TIP));
	while (s->open && !(other->flags & OF_TIP)) {
		struct node *n = heap_pop(&s->heap).node;

		s->open -= is_open(n);
		n->flags &= ~(unsigned)WAITING;
		for (unsigned i = 0; i < n->n_parents; i++)
			XB_TRY(paint(s, n->parents[i], n->flags & BOTH));
	}
	if (!(other->flags & OF_TIP))
		other->flags |= NOT_OF_TIP;
	return NULL;
}

/* Marks all ancestors; where many questions were asked, this is cheaper than a walk for each. */
static struct xb_err *mark_all(struct xb_ancestry *a)
{
	struct heap todo = {0};
	struct xb_err *err = NULL;

	heap_push(&todo, (struct pending){a->tip, XB_RAW_INIT});
	while (!err && todo.n) {
		struct node *n = todo.v[--todo.n].node;

		err = know(a, n);
		for (unsigned i = 0; !err && i < n->n_parents; i++) {
			struct node *p = n->parents[i];

			if (p->flags & WAITING)
				continue;
			p->flags |= OF_TIP | WAITING;
			*XB_PUSH(&a->touched, v, n, cap) = p;
			*XB_PUSH(&todo, v, n, cap) = (struct pending){p, XB_RAW_INIT};
		}
	}
	heap_release(&todo);
	forget_walk(a);
	a->all = !err;
	return err;
}

static struct xb_err *search(struct xb_ancestry *a, struct node *other)
{
	struct search s = {.a = a};
	struct xb_err *err = walk_both(&s, other);

	heap_release(&s.heap);
	forget_walk(a);
	return err;
}

struct xb_err *xb_ancestry_has(struct xb_ancestry *a, const git_oid *oid, bool *out)
{
	struct node *n = node_of(a, oid);

	if (!a->all && !(n->flags & (OF_TIP | NOT_OF_TIP)))
		XB_TRY(a->walks++ < WALKS_MAX ? search(a, n) : mark_all(a));
	*out = (n->flags & OF_TIP) != 0;
	return NULL;
}

struct xb_err *xb_ancestor_of(struct xb_store *s, const git_oid *old, const git_oid *new_oid, bool *out)
{
	struct xb_ancestry *a;
	struct xb_err *err;

	*out = true;
	if (git_oid_equal(old, new_oid))
		return NULL;
	a = xb_ancestry_new(s, new_oid);
	err = xb_ancestry_has(a, old, out);
	xb_ancestry_free(a);
	return err ? xb_err_wrap(err, "cannot compare the histories of %s", xb_hex(old).s) : NULL;
}
