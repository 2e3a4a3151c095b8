/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compose.h"

#include "util/alloc.h"

#include <gmime/gmime.h>
#include <string.h>

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

static GMimeObject *text_part(const char *body)
{
	XB_AUTOBUF struct xb_buf stuffed = XB_BUF_INIT;
	GMimePart *part = g_mime_part_new_with_type("text", "plain");
	GMimeStream *mem;
	GMimeDataWrapper *content;

	stuff(body, &stuffed);
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

static GMimeMessage *compose(const struct xb_letter *f)
{
	GMimeMessage *m = g_mime_message_new(FALSE);
	GMimeObject *o = GMIME_OBJECT(m), *part = text_part(f->body);

	add_address(g_mime_message_get_from(m), f->from_name, f->from);
	add_address(g_mime_message_get_to(m), NULL, f->to);
	if (f->reply_to && *f->reply_to)
		add_address(g_mime_message_get_reply_to(m), NULL, f->reply_to);
	g_mime_message_set_subject(m, f->subject, "UTF-8");
	set_date(m, f->date);
	g_mime_message_set_message_id(m, f->id);
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
	for (size_t i = 0; i < XB_HEADERS_MAX && f->headers[i].name; i++)
		g_mime_object_append_header(o, f->headers[i].name, f->headers[i].value, "UTF-8");
	g_mime_message_set_mime_part(m, part);
	g_object_unref(part);
	return m;
}

static void write_message(const struct xb_letter *f, struct xb_buf *out)
{
	GMimeMessage *m = compose(f);
	GMimeFormatOptions *format = g_mime_format_options_new();
	char *text;

	g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
	text = g_mime_object_to_string(GMIME_OBJECT(m), format);
	xb_buf_adds(out, text);
	g_free(text);
	g_mime_format_options_free(format);
	g_object_unref(m);
}

struct xb_err *xb_compose(const char *text, size_t n, struct xb_buf *out)
{
	static bool ready;
	struct xb_letter m;
	struct xb_err *err = xb_letter_read(text, n, &m);

	if (!err && !ready) {
		g_mime_init();
		ready = true;
	}
	if (!err)
		write_message(&m, out);
	xb_letter_release(&m);
	return err;
}
