/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "form.h"

#include "gmime.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>

/* Cuts at a character's beginning. */
static void cut(struct xb_buf *b, size_t from, size_t max)
{
	size_t end = from + max - 3;

	if (b->n - from <= max)
		return;
	while (end > from && ((unsigned char)b->p[end] & 0xc0) == 0x80)
		end--;
	xb_buf_setlen(b, end);
	xb_buf_adds(b, "...");
}

/*
 * What looks like an encoded word is not ours: a reader would decode it, and
 * GMime 3.2.13 folds a header within one without the blank that must follow.
 */
static void hide_encoded_words(const struct xb_buf *from, struct xb_buf *out)
{
	for (size_t i = 0; i < from->n; i++)
		if (from->p[i] == '=' && i + 1 < from->n && from->p[i + 1] == '?')
			xb_buf_adds(out, "\\x3d");
		else
			xb_buf_addc(out, from->p[i]);
}

void xb_header_clean(const char *value, size_t n, size_t max, struct xb_buf *out)
{
	XB_AUTOBUF struct xb_buf shown = XB_BUF_INIT;
	size_t from = out->n;

	/* More than this is cut away in any case; a message may have megabytes. */
	xb_vis(&shown, value, n > 2 * max ? 2 * max : n, 0);
	hide_encoded_words(&shown, out);
	cut(out, from, max);
}

static void add_header(GMimeObject *o, const char *name, const char *value, bool list)
{
	XB_AUTOBUF struct xb_buf clean = XB_BUF_INIT;

	if (!value || !*value)
		return;
	xb_header_clean(value, strlen(value), list ? XB_HEADER_LIST_MAX : XB_HEADER_MAX, &clean);
	g_mime_object_append_header(o, name, clean.p, "UTF-8");
}

static void add_address(InternetAddressList *list, const char *name, const char *address)
{
	InternetAddress *a = internet_address_mailbox_new(name && *name ? name : NULL, address);

	internet_address_set_charset(a, "UTF-8");
	internet_address_list_add(list, a);
	g_object_unref(a);
}

/* Lines that a reader would take for something else get a blank before them, which it takes away (RFC 3676).
 */
static void stuff(const char *body, struct xb_buf *out)
{
	while (*body) {
		size_t n = strcspn(body, "\n");

		n += body[n] == '\n';
		if (*body == ' ' || *body == '>' || !strncmp(body, "From ", 5))
			xb_buf_addc(out, ' ');
		xb_buf_add(out, body, n);
		body += n;
	}
}

/* What a body has of others was made safe where it came from; here it is seen to once more. */
static GMimeObject *text_part(const char *body)
{
	XB_AUTOBUF struct xb_buf clean = XB_BUF_INIT, stuffed = XB_BUF_INIT;
	GMimePart *part = g_mime_part_new_with_type("text", "plain");
	GMimeStream *mem;
	GMimeDataWrapper *content;

	xb_vis(&clean, body, strlen(body), XB_VIS_LINES);
	xb_buf_adds(&clean, "");
	stuff(clean.p ? clean.p : "", &stuffed);
	mem = g_mime_stream_mem_new_with_buffer(stuffed.p ? stuffed.p : "", stuffed.n);
	content = g_mime_data_wrapper_new_with_stream(mem, GMIME_CONTENT_ENCODING_DEFAULT);
	g_object_unref(mem);
	g_mime_part_set_content(part, content);
	g_object_unref(content);
	g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "UTF-8");
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "format", "flowed");
	return GMIME_OBJECT(part);
}

static void set_date(GMimeMessage *m, int64_t date)
{
	GDateTime *t = g_date_time_new_from_unix_utc(date);

	if (t) {
		g_mime_message_set_date(m, t);
		g_date_time_unref(t);
	}
}

static GMimeMessage *make(const struct xb_form *f)
{
	GMimeMessage *m = g_mime_message_new(FALSE);
	GMimeObject *o = GMIME_OBJECT(m), *part = text_part(f->body);
	XB_AUTOBUF struct xb_buf subject = XB_BUF_INIT;

	xb_header_clean(f->subject, strlen(f->subject), XB_HEADER_MAX, &subject);
	add_address(g_mime_message_get_from(m), f->from_name, f->from);
	add_address(g_mime_message_get_to(m), NULL, f->to);
	if (f->reply_to && *f->reply_to)
		add_address(g_mime_message_get_reply_to(m), NULL, f->reply_to);
	g_mime_message_set_subject(m, subject.p ? subject.p : "", "UTF-8");
	set_date(m, f->date);
	g_mime_message_set_message_id(m, f->id);
	/* Of our own making, and longer than a cleaned value may be: as they are. */
	if (f->in_reply_to && *f->in_reply_to)
		g_mime_object_append_header(o, "In-Reply-To", f->in_reply_to, NULL);
	if (f->references && *f->references)
		g_mime_object_append_header(o, "References", f->references, NULL);
	if (f->list_id && *f->list_id) {
		XB_AUTOFREE char *list = xb_asprintf("<%s>", f->list_id);

		g_mime_object_append_header(o, "List-Id", list, NULL);
	}
	g_mime_object_append_header(o, "Auto-Submitted", "auto-generated", NULL);
	g_mime_object_append_header(o, "Precedence", "bulk", NULL);
	for (const struct xb_header *h = f->headers; h->name; h++)
		add_header(o, h->name, h->value, h->list);
	g_mime_message_set_mime_part(m, part);
	g_object_unref(part);
	return m;
}

struct xb_err *xb_form_write(const struct xb_form *f, struct xb_buf *out)
{
	GMimeFormatOptions *format;
	GMimeMessage *m;
	char *text;

	XB_TRY(xb_gmime_load());
	m = make(f);
	format = g_mime_format_options_new();
	g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
	text = g_mime_object_to_string(GMIME_OBJECT(m), format);
	xb_buf_adds(out, text);
	g_free(text);
	g_mime_format_options_free(format);
	g_object_unref(m);
	return NULL;
}
