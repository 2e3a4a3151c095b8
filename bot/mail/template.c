/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "template.h"

#include "os/file.h"
#include "text/ini.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEMPLATE_MAX 65536
#define WIDTH 76 /* bytes of a line of prose */
#define SUBJECT "Subject: "

static const struct {
	const char *name, *text;
} built_in[] = {
#include "mail-templates.inc"
};

/* The fields of each template; a space before and after each. */
static const struct {
	const char *template, *fields;
} allowed[] = {
    {"blocked", " line what summary verdict base branch since title commit subject effect excerpt staging "
		"candidates tried reproduce fetch settle push "},
    {"held", " line branch since why restore withdraw old base "},
    {"gate",
     " line branch base what summary since why title commits effect output log reproduce retest fetch settle "
     "push "},
    {"resolved", " line what summary since was how branch new base "},
    {"found", " line what summary branch title found fetch settle exclude push untested "},
    {"published", " line what branch repository new base news in bare gone missing dropped history get "},
    {"behind", " line what branch staging repository missing new base "},
    {"withdrawn", " line what branch repository title new base withdrawn news in bare gone missing dropped "
		  "history get "},
    {"retired", " line branch repository why since new base "},
    {"failing", " what summary since why "},
    {"working", " what since "},
    {"digest", " summary count lines list bodies "},
    {"footer", " reason contact "},
};

void xb_field_set(struct xb_fields *f, const char *name, char *value)
{
	struct xb_field *to = NULL;

	for (size_t i = 0; i < f->n && !to; i++)
		if (!strcmp(f->v[i].name, name))
			to = &f->v[i];
	if (!to)
		to = XB_PUSH(f, v, n, cap);
	free(to->value);
	*to = (struct xb_field){name, value ? value : xb_strdup("")};
	for (size_t n = strlen(to->value); n && to->value[n - 1] == '\n'; n--)
		to->value[n - 1] = '\0';
}

void xb_fields_release(struct xb_fields *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].value);
	free(f->v);
	*f = (struct xb_fields){0};
}

static const char *find(const struct xb_fields *f, const char *name, size_t n)
{
	for (size_t i = 0; i < f->n; i++)
		if (strlen(f->v[i].name) == n && !memcmp(f->v[i].name, name, n))
			return f->v[i].value;
	return "";
}

const char *xb_field_get(const struct xb_fields *f, const char *name)
{
	return find(f, name, strlen(name));
}

/* The field that begins at S, "{name}": its name's length; 0: none does. */
static size_t field_at(const char *s, size_t n)
{
	size_t len = 0;

	if (!n || *s != '{')
		return 0;
	while (1 + len < n && ((s[1 + len] >= 'a' && s[1 + len] <= 'z') || s[1 + len] == '-'))
		len++;
	return len && 1 + len < n && s[1 + len] == '}' ? len : 0;
}

/* Appends the N bytes at S with their fields; false: a field was empty. */
static bool expand(const char *s, size_t n, const struct xb_fields *f, struct xb_buf *out)
{
	bool full = true;

	while (n) {
		size_t len = field_at(s, n);

		if (len) {
			const char *value = find(f, s + 1, len);

			full = full && *value;
			xb_buf_adds(out, value);
			s += len + 2;
			n -= len + 2;
		} else {
			xb_buf_addc(out, *s++);
			n--;
		}
	}
	return full;
}

/* Where the paragraph at S ends: behind its last line. */
static const char *paragraph_end(const char *s)
{
	const char *end = strstr(s, "\n\n");

	return end ? end + 1 : s + strlen(s);
}

static void fill_body(const char *s, const struct xb_fields *f, struct xb_buf *body)
{
	bool first = true;

	while (*(s += strspn(s, "\n"))) {
		const char *end = paragraph_end(s);
		size_t mark = body->n;

		if (!first)
			xb_buf_addc(body, '\n');
		if (expand(s, (size_t)(end - s), f, body)) {
			if (body->p[body->n - 1] != '\n')
				xb_buf_addc(body, '\n');
			first = false;
		} else {
			xb_buf_setlen(body, mark);
		}
		s = end;
	}
}

/* Commands and text of others end with no blank: that would say that they go on. */
static void add_fixed(const char *line, size_t n, struct xb_buf *out)
{
	while (n && *line == ' ' && line[n - 1] == ' ')
		n--;
	xb_buf_add(out, line, n);
	xb_buf_addc(out, '\n');
}

/*
 * Breaks what is longer than a line at blanks, which stay: readers put such lines together again (RFC 3676).
 * Lines that begin with a blank are commands, or text of others.
 */
static void wrap(const char *s, struct xb_buf *out)
{
	const char *line = s, *blank = NULL;

	for (;; s++) {
		if (*s != ' ' && *s != '\n' && *s)
			continue;
		if (blank && *line != ' ' && s - line > WIDTH) {
			xb_buf_add(out, line,
				   (size_t)(blank + 1 - line)); /* its blank says that it goes on */
			xb_buf_addc(out, '\n');
			line = blank + 1;
		}
		if (!*s) {
			xb_buf_adds(out, line);
			return;
		}
		blank = *s == ' ' ? s : NULL;
		if (*s != '\n')
			continue;
		add_fixed(line, (size_t)(s - line), out);
		line = s + 1;
	}
}

void xb_template_fill(const char *text, const struct xb_fields *f, struct xb_buf *subject,
		      struct xb_buf *body)
{
	XB_AUTOBUF struct xb_buf filled = XB_BUF_INIT;
	size_t line = strcspn(text, "\n"), skip = strlen(SUBJECT);

	if (subject) {
		/* An empty field leaves no hole that matters: what stands around it is left. */
		expand(text + skip, line - skip, f, subject);
		for (size_t i = 0; i < subject->n; i++)
			if (subject->p[i] == '\n')
				subject->p[i] = ' ';
		text += line;
	}
	fill_body(text, f, &filled);
	if (filled.n)
		wrap(filled.p, body);
}

static const char *fields_of(const char *name)
{
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
		if (!strcmp(allowed[i].template, name))
			return allowed[i].fields;
	return NULL;
}

static struct xb_err *load_built_in(const char *name, char **out)
{
	for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (!strcmp(built_in[i].name, name)) {
			*out = xb_strdup(built_in[i].text);
			return NULL;
		}
	return xb_err_new(XB_E_INTERNAL, "there is no template %s", name);
}

static void check_fields(const char *name, const char *text, size_t size, struct xb_mistakes *m)
{
	const char *fields = fields_of(name);
	unsigned line = 1;

	if (strlen(text) != size || !xb_utf8_valid(text, size))
		xb_mistake(m, 0, "is not UTF-8 text");
	if (strcmp(name, "footer") != 0 && strncmp(text, SUBJECT, strlen(SUBJECT)) != 0)
		xb_mistake(m, 1, "the first line is not \"Subject: ...\"");
	for (const char *s = text; *s; s++) {
		size_t len = field_at(s, strlen(s));
		XB_AUTOFREE char *word = len ? xb_asprintf(" %.*s ", (int)len, s + 1) : NULL;

		line += *s == '\n';
		if (word && !strstr(fields, word))
			xb_mistake(m, line, "{%.*s}: no such field; allowed:%s", (int)len, s + 1, fields);
	}
}

static struct xb_err *read_file(const char *path, const char *name, char **out)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTO(xb_mistakes_release) struct xb_mistakes m = {.file = path};

	XB_TRY(xb_file_read(path, TEMPLATE_MAX, &b));
	xb_buf_addc(&b, '\0');
	check_fields(name, b.p, b.n - 1, &m);
	XB_TRY(xb_mistakes_error(&m));
	*out = xb_buf_detach(&b);
	return NULL;
}

struct xb_err *xb_template_load(const char *dir, const char *name, char **out)
{
	XB_AUTOFREE char *path = *dir ? xb_asprintf("%s/%s.txt", dir, name) : NULL;
	struct xb_err *err;

	*out = NULL;
	if (!path)
		return load_built_in(name, out);
	err = read_file(path, name, out);
	if (err && err->code == XB_E_NOTFOUND) {
		xb_err_free(err);
		return load_built_in(name, out);
	}
	return err;
}

/* A file whose name is no template's would be looked for in vain. */
static void check_names(const char *dir, struct xb_buf *wrong)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d) {
		xb_buf_addf(wrong, "%s: %s", dir, strerror(errno));
		return;
	}
	while ((e = readdir(d))) {
		size_t n = strlen(e->d_name);
		XB_AUTOFREE char *name = n > 4 ? xb_memdup0(e->d_name, n - 4) : NULL;

		if (name && !strcmp(e->d_name + n - 4, ".txt") && !fields_of(name))
			xb_buf_addf(wrong, "%s%s/%s: no template has that name", wrong->n ? "\n" : "", dir,
				    e->d_name);
	}
	closedir(d);
}

struct xb_err *xb_templates_check(const char *dir)
{
	XB_AUTOBUF struct xb_buf wrong = XB_BUF_INIT;

	if (!*dir)
		return NULL;
	check_names(dir, &wrong);
	for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
		XB_AUTOFREE char *text = NULL;
		struct xb_err *err = xb_template_load(dir, allowed[i].template, &text);

		if (err)
			xb_buf_addf(&wrong, "%s%s", wrong.n ? "\n" : "", err->msg);
		xb_err_free(err);
	}
	return wrong.n ? xb_err_new(XB_E_CONFIG, "%s", wrong.p) : NULL;
}
