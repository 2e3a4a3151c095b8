/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history.h"

#include "git.h"
#include "lines.h"
#include "oidmap.h"
#include "util/alloc.h"

struct xb_err *xb_hist_load(struct xb_store *s, const struct xb_rules *rules, const git_oid *oid,
			    struct xb_hist *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct xb_obj *o;
	struct xb_err *err;

	*out = (struct xb_hist){.oid = *oid};
	XB_TRY(xb_store_get(s, oid, GIT_OBJECT_COMMIT, &o));
	err = xb_commit_parse(o->data, o->len, &c);
	if (!err)
		err = xb_message_parse(rules, &c, &out->msg);
	if (err)
		return xb_err_wrap(err, "commit %s", git_oid_tostr_s(oid));
	out->tree = c.tree;
	out->n_parents = c.n_parents;
	if (c.n_parents)
		out->parent = c.parents[0];
	out->time = c.committer.time;
	return NULL;
}

void xb_hist_release(struct xb_hist *h)
{
	xb_message_release(&h->msg);
}

void xb_window_release(struct xb_window *w)
{
	for (size_t i = 0; i < w->n; i++)
		xb_hist_release(&w->v[i]);
	free(w->v);
	*w = (struct xb_window){0};
}

static struct xb_err *parents_of(struct xb_store *s, const git_oid *oid, struct xb_commit *c)
{
	struct xb_obj *o;
	struct xb_err *err;

	XB_TRY(xb_store_get(s, oid, GIT_OBJECT_COMMIT, &o));
	err = xb_commit_parse(o->data, o->len, c);
	return err ? xb_err_wrap(err, "commit %s", git_oid_tostr_s(oid)) : NULL;
}

struct oids {
	git_oid *v;
	size_t n, cap;
};

/* The common case: no merge between tip and base. *OUT newest first; *DONE false when there is one. */
static struct xb_err *list_linear(struct xb_store *s, const git_oid *base, const git_oid *tip,
				  struct oids *out, bool *done)
{
	git_oid at = *tip;

	*done = false;
	while (!git_oid_equal(&at, base)) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		XB_TRY(parents_of(s, &at, &c));
		if (c.n_parents != 1)
			return NULL;
		*XB_PUSH(out, v, n, cap) = at;
		at = c.parents[0];
	}
	*done = true;
	return NULL;
}

/* Marks in SET what tip has and base hasn't. */
static struct xb_err *mark_window(git_repository *repo, const git_oid *base, const git_oid *tip,
				  struct xb_oidmap *set)
{
	git_revwalk *walk = NULL;
	git_oid oid;
	int rc = git_revwalk_new(&walk, repo);

	if (!rc)
		rc = git_revwalk_push(walk, tip);
	if (!rc)
		rc = git_revwalk_hide(walk, base);
	while (!rc && !(rc = git_revwalk_next(&oid, walk)))
		xb_oidmap_set(set, &oid, set);
	git_revwalk_free(walk);
	if (rc != GIT_ITEROVER)
		return xb_err_git(XB_E_IO, rc, "cannot walk from %s", git_oid_tostr_s(tip));
	return NULL;
}

/*
 * Appends the commits of SET that AT reaches, oldest first. A stack of its own:
 * a history of merges is deeper than a thread's stack. Each frame is a chain of
 * first parents, entered from its oldest commit.
 */
struct frame {
	struct oids chain; /* newest first; the last ones are done */
	size_t parent;     /* of the chain's last commit: the next one to enter */
};

static struct xb_err *push_chain(struct xb_store *s, struct xb_oidmap *set, struct xb_oidmap *seen,
				 git_oid at, struct frame *f)
{
	*f = (struct frame){.parent = 1};
	while (xb_oidmap_get(set, &at) && !xb_oidmap_get(seen, &at)) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		xb_oidmap_set(seen, &at, seen);
		*XB_PUSH(&f->chain, v, n, cap) = at;
		XB_TRY(parents_of(s, &at, &c));
		if (!c.n_parents)
			break;
		at = c.parents[0];
	}
	return NULL;
}

static struct xb_err *list_merges(struct xb_store *s, struct xb_oidmap *set, const git_oid *tip,
				  struct oids *out)
{
	struct xb_oidmap seen = {0};
	struct {
		struct frame *v;
		size_t n, cap;
	} stack = {0};
	struct xb_err *err = push_chain(s, set, &seen, *tip, XB_PUSH(&stack, v, n, cap));

	while (!err && stack.n) {
		struct frame *f = &stack.v[stack.n - 1];
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
		git_oid at;

		if (!f->chain.n) {
			free(f->chain.v);
			stack.n--;
			continue;
		}
		at = f->chain.v[f->chain.n - 1];
		err = parents_of(s, &at, &c);
		if (err)
			break;
		if (f->parent < c.n_parents) {
			git_oid side = c.parents[f->parent++];

			err = push_chain(s, set, &seen, side, XB_PUSH(&stack, v, n, cap));
			continue;
		}
		*XB_PUSH(out, v, n, cap) = at;
		f->chain.n--;
		f->parent = 1;
	}
	while (stack.n)
		free(stack.v[--stack.n].chain.v);
	free(stack.v);
	xb_oidmap_clear(&seen, NULL);
	return err;
}

static void reverse(struct oids *o)
{
	for (size_t i = 0, j = o->n; i + 1 < j; i++) {
		git_oid t = o->v[i];

		o->v[i] = o->v[--j];
		o->v[j] = t;
	}
}

static struct xb_err *list_window(git_repository *repo, struct xb_store *s, const git_oid *base,
				  const git_oid *tip, struct oids *out)
{
	struct xb_oidmap set = {0};
	struct xb_err *err;
	bool done;

	XB_TRY(list_linear(s, base, tip, out, &done));
	if (done) {
		reverse(out);
		return NULL;
	}
	out->n = 0;
	err = mark_window(repo, base, tip, &set);
	if (!err)
		err = list_merges(s, &set, tip, out);
	xb_oidmap_clear(&set, NULL);
	return err;
}

/* The tree of each first parent: mostly that of the commit before. */
static struct xb_err *fill_parent_trees(struct xb_store *s, struct xb_window *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct xb_hist *h = &w->v[i];
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		if (!h->n_parents)
			continue;
		if (i && git_oid_equal(&w->v[i - 1].oid, &h->parent)) {
			h->parent_tree = w->v[i - 1].tree;
			continue;
		}
		XB_TRY(parents_of(s, &h->parent, &c));
		h->parent_tree = c.tree;
	}
	return NULL;
}

struct xb_err *xb_window_load(git_repository *repo, struct xb_store *s, const struct xb_rules *rules,
			      const git_oid *base, const git_oid *tip, struct xb_window *out)
{
	struct oids oids = {0};
	struct xb_err *err = list_window(repo, s, base, tip, &oids);

	*out = (struct xb_window){0};
	for (size_t i = 0; !err && i < oids.n; i++)
		err = xb_hist_load(s, rules, &oids.v[i], XB_PUSH(out, v, n, cap));
	if (!err)
		err = fill_parent_trees(s, out);
	free(oids.v);
	if (err)
		xb_window_release(out);
	return err;
}

/* Names: two chained tables, by the first seven hex digits and by the subject's hash. */
#define BUCKETS 4096

struct name {
	const char *text; /* hex digits or subject, borrowed */
	size_t number;
	enum xb_name_kind kind;
	struct name *next; /* older ones follow newer ones */
};

struct xb_names {
	struct name *hex[BUCKETS], *subject[BUCKETS];
	struct xb_strv ids; /* owned texts */
};

struct xb_names *xb_names_new(void)
{
	return xb_calloc(1, sizeof(struct xb_names));
}

static void free_chain(struct name *n)
{
	while (n) {
		struct name *next = n->next;

		free(n);
		n = next;
	}
}

void xb_names_free(struct xb_names *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		free_chain(n->hex[i]);
		free_chain(n->subject[i]);
	}
	xb_ids_release(&n->ids);
	free(n);
}

static size_t bucket(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len && s[i]; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return (h ^ h >> 15) % BUCKETS;
}

static void add_name(struct name **head, const char *text, size_t number, enum xb_name_kind kind)
{
	struct name *n = xb_calloc(1, sizeof *n);

	*n = (struct name){.text = text, .number = number, .kind = kind, .next = *head};
	*head = n;
}

#define SHORTEST 7 /* hex digits */

void xb_names_add(struct xb_names *n, const struct xb_hist *h, size_t number)
{
	char *id = xb_strdup(git_oid_tostr_s(&h->oid));

	*XB_PUSH(&n->ids, v, n, cap) = id;
	add_name(&n->hex[bucket(id, SHORTEST)], id, number, XB_NAME_ID);
	for (size_t i = 0; i < h->msg.origins.n; i++) {
		const char *hex = h->msg.origins.v[i].hex;

		add_name(&n->hex[bucket(hex, SHORTEST)], hex, number, XB_NAME_ORIGIN);
	}
	if (h->msg.subject && *h->msg.subject)
		add_name(&n->subject[bucket(h->msg.subject, 200)], h->msg.subject, number, XB_NAME_SUBJECT);
}

/* One is the beginning of the other: both may be abbreviated, to no less than seven digits. */
static bool same_id(const char *a, const char *b)
{
	size_t x = strlen(a), y = strlen(b), n = x < y ? x : y;

	return n >= SHORTEST && !memcmp(a, b, n);
}

static const struct name *find_hex(const struct xb_names *n, const char *hex, enum xb_name_kind kind)
{
	for (const struct name *e = n->hex[bucket(hex, SHORTEST)]; e; e = e->next)
		if (e->kind == kind && same_id(e->text, hex))
			return e;
	return NULL;
}

enum xb_name_kind xb_names_find(const struct xb_names *n, const char *hex, const char *subject,
				size_t *number)
{
	const struct name *found = NULL;

	if (hex && strlen(hex) >= SHORTEST) {
		found = find_hex(n, hex, XB_NAME_ID);
		if (!found)
			found = find_hex(n, hex, XB_NAME_ORIGIN);
	}
	if (!found && subject && *subject)
		for (found = n->subject[bucket(subject, 200)]; found && strcmp(found->text, subject) != 0;)
			found = found->next;
	if (!found)
		return XB_NAME_NONE;
	*number = found->number;
	return found->kind;
}

struct xb_past {
	struct xb_past_options o;
	bool loaded, all_loaded;
	struct {
		struct xb_hist *v;
		size_t n, cap;
	} fixes;
	struct xb_names *names;
	struct xb_oidmap recent; /* the newest ancestors */
	struct xb_oidmap all;    /* every ancestor; see xb_past_contains */
	struct xb_oidmap deep;   /* struct xb_hist of fixes further back, found by their id */
};

struct xb_past *xb_past_new(const struct xb_past_options *o)
{
	struct xb_past *p = xb_calloc(1, sizeof *p);

	p->o = *o;
	return p;
}

static void free_hist(void *value)
{
	xb_hist_release(value);
	free(value);
}

void xb_past_free(struct xb_past *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->fixes.n; i++)
		xb_hist_release(&p->fixes.v[i]);
	free(p->fixes.v);
	xb_names_free(p->names);
	xb_oidmap_clear(&p->recent, NULL);
	xb_oidmap_clear(&p->all, NULL);
	xb_oidmap_clear(&p->deep, free_hist);
	free(p);
}

/* A heap of commits, the newest on top; equal dates by id, so that the order depends on nothing else. */
struct heap {
	struct pending {
		git_oid oid;
		int64_t time;
	} * v;
	size_t n, cap;
};

static bool above(const struct pending *a, const struct pending *b)
{
	return a->time != b->time ? a->time > b->time : git_oid_cmp(&a->oid, &b->oid) < 0;
}

static void heap_push(struct heap *h, const git_oid *oid, int64_t time)
{
	size_t i;
	struct pending p = {*oid, time};

	xb_grow((void *)&h->v, &h->cap, h->n + 1, sizeof *h->v);
	for (i = h->n++; i && above(&p, &h->v[(i - 1) / 2]); i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = p;
}

static git_oid heap_pop(struct heap *h)
{
	git_oid top = h->v[0].oid;
	struct pending last = h->v[--h->n];
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

/* Pushes a commit that was not seen; unparsable history is no reason to stop at what the base has. */
static struct xb_err *see(struct xb_past *p, struct heap *h, struct xb_oidmap *seen, const git_oid *oid)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	if (xb_oidmap_get(seen, oid))
		return NULL;
	XB_TRY(parents_of(p->o.store, oid, &c));
	xb_oidmap_set(seen, oid, seen);
	heap_push(h, oid, c.committer.time);
	return NULL;
}

/* Most commits are no fix, which shows without reading all that their messages say. */
static struct xb_err *may_be_fix(struct xb_past *p, const git_oid *oid, const struct xb_commit *c, bool *out)
{
	static const char trailer[] = "Security:";
	struct xb_tags tags = {0};

	*out = true;
	if (memmem(c->message.p, c->message.n, trailer, sizeof trailer - 1) ||
	    (p->o.annotated && p->o.annotated(p->o.ctx, oid)))
		return NULL;
	XB_TRY(xb_rules_tags(p->o.rules, c->message.p, c->message.n, &tags));
	*out = tags.n > 0;
	xb_tags_release(&tags);
	return NULL;
}

static struct xb_err *read_past(struct xb_past *p, struct heap *h, const git_oid *oid)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct xb_hist hist;
	bool may;

	XB_TRY(parents_of(p->o.store, oid, &c));
	for (size_t i = 0; i < c.n_parents; i++)
		XB_TRY(see(p, h, &p->recent, &c.parents[i]));
	XB_TRY(may_be_fix(p, oid, &c, &may));
	if (!may)
		return NULL;
	XB_TRY(xb_hist_load(p->o.store, p->o.rules, oid, &hist));
	if (p->o.is_fix(p->o.ctx, &hist))
		*XB_PUSH(&p->fixes, v, n, cap) = hist;
	else
		xb_hist_release(&hist);
	return NULL;
}

static struct xb_err *load_recent(struct xb_past *p, struct heap *h)
{
	XB_TRY(see(p, h, &p->recent, &p->o.base));
	for (size_t count = 0; h->n && count < XB_PAST_DEPTH; count++) {
		git_oid oid = heap_pop(h);

		XB_TRY(read_past(p, h, &oid));
	}
	return NULL;
}

static struct xb_err *load_past(struct xb_past *p)
{
	struct heap h = {0};
	struct xb_err *err;

	if (p->loaded)
		return NULL;
	p->loaded = true;
	p->names = xb_names_new();
	err = load_recent(p, &h);
	free(h.v);
	for (size_t i = p->fixes.n; i-- > 0;) /* oldest first: later ones count as newer */
		xb_names_add(p->names, &p->fixes.v[i], i);
	return err;
}

static struct xb_err *load_all(struct xb_past *p)
{
	struct oids todo = {0};
	struct xb_err *err = NULL;

	if (p->all_loaded)
		return NULL;
	p->all_loaded = true;
	*XB_PUSH(&todo, v, n, cap) = p->o.base;
	xb_oidmap_set(&p->all, &p->o.base, p);
	while (!err && todo.n) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
		git_oid at = todo.v[--todo.n];

		err = parents_of(p->o.store, &at, &c);
		for (size_t i = 0; !err && i < c.n_parents; i++) {
			if (xb_oidmap_get(&p->all, &c.parents[i]))
				continue;
			xb_oidmap_set(&p->all, &c.parents[i], p);
			*XB_PUSH(&todo, v, n, cap) = c.parents[i];
		}
	}
	free(todo.v);
	return err;
}

struct xb_err *xb_past_contains(struct xb_past *p, const git_oid *oid, bool *out)
{
	*out = xb_oidmap_get(&p->recent, oid) != NULL;
	if (*out)
		return NULL;
	XB_TRY(load_all(p));
	*out = xb_oidmap_get(&p->all, oid) != NULL;
	return NULL;
}

struct matches {
	const char *hex;
	struct oids found;
};

static int match_id(const git_oid *oid, void *payload)
{
	struct matches *m = payload;

	if (same_id(git_oid_tostr_s(oid), m->hex))
		*XB_PUSH(&m->found, v, n, cap) = *oid;
	return 0;
}

/* All objects whose ids begin with HEX: other objects of the repository must not hide the one that is meant.
 */
static struct xb_err *objects_named(struct xb_past *p, const char *hex, struct oids *out)
{
	struct matches m = {.hex = hex};
	git_odb *odb = xb_store_odb(p->o.store);
	git_oid prefix, full;
	size_t len = strlen(hex);
	int rc = len > GIT_OID_HEXSZ ? -1 : git_oid_fromstrn(&prefix, hex, len);

	if (rc)
		return NULL;
	rc = git_odb_exists_prefix(&full, odb, &prefix, len);
	if (!rc)
		*XB_PUSH(out, v, n, cap) = full;
	if (rc != GIT_EAMBIGUOUS)
		return NULL;
	rc = git_odb_foreach(odb, match_id, &m);
	*out = m.found;
	return rc ? xb_err_git(XB_E_IO, rc, "cannot list the objects") : NULL;
}

struct xb_err *xb_past_find_deep(struct xb_past *p, const char *hex, const struct xb_hist **out)
{
	struct oids found = {0};
	struct xb_err *err = objects_named(p, hex, &found);

	*out = NULL;
	for (size_t i = 0; !err && !*out && i < found.n; i++) {
		struct xb_hist *h = xb_oidmap_get(&p->deep, &found.v[i]);
		struct xb_obj *o = NULL;
		bool in = true;

		if (!h) {
			err = xb_store_find(p->o.store, &found.v[i], GIT_OBJECT_COMMIT, &o);
			if (err || !o)
				continue;
			h = xb_calloc(1, sizeof *h);
			err = xb_hist_load(p->o.store, p->o.rules, &found.v[i], h);
			if (!err && p->o.is_fix(p->o.ctx, h))
				err = xb_past_contains(p, &found.v[i], &in);
			else
				in = false;
			if (err || !in) {
				free_hist(h);
				continue;
			}
			xb_oidmap_set(&p->deep, &found.v[i], h);
		}
		*out = h;
	}
	free(found.v);
	return err;
}

struct xb_err *xb_past_has(struct xb_past *p, const char *hex, bool *out)
{
	struct oids found = {0};
	struct xb_err *err = objects_named(p, hex, &found);

	*out = false;
	for (size_t i = 0; !err && !*out && i < found.n; i++)
		err = xb_past_contains(p, &found.v[i], out);
	free(found.v);
	return err;
}

struct xb_err *xb_past_find(struct xb_past *p, const char *hex, const char *subject,
			    const struct xb_hist **out)
{
	size_t i;

	*out = NULL;
	XB_TRY(load_past(p));
	if (xb_names_find(p->names, hex, subject, &i) != XB_NAME_NONE)
		*out = &p->fixes.v[i];
	return NULL;
}

struct xb_err *xb_past_each(struct xb_past *p, void (*fn)(void *ctx, const struct xb_hist *h), void *ctx)
{
	XB_TRY(load_past(p));
	for (size_t i = 0; i < p->fixes.n; i++)
		fn(ctx, &p->fixes.v[i]);
	return NULL;
}
