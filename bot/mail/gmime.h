/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GMime, loaded when a mail is made and not when the program starts: with GLib
 * and what else it brings, loading it costs more than the start of all the
 * rest. After xb_gmime_load its functions have their usual names.
 */
#ifndef XB_MAIL_GMIME_H
#define XB_MAIL_GMIME_H

#define G_DISABLE_CAST_CHECKS /* they would be calls of functions that are not loaded */
#include "util/err.h"

#include <gmime/gmime.h>

/* A macro in newer versions of GLib. */
#undef g_free

/* What is used of it and of GLib. */
#define XB_GMIME_FUNCTIONS(X)                                                                                \
	X(g_date_time_new_from_unix_utc)                                                                     \
	X(g_date_time_unref)                                                                                 \
	X(g_free)                                                                                            \
	X(g_mime_data_wrapper_new_with_stream)                                                               \
	X(g_mime_format_options_free)                                                                        \
	X(g_mime_format_options_new)                                                                         \
	X(g_mime_format_options_set_newline_format)                                                          \
	X(g_mime_init)                                                                                       \
	X(g_mime_message_get_from)                                                                           \
	X(g_mime_message_get_reply_to)                                                                       \
	X(g_mime_message_get_to)                                                                             \
	X(g_mime_message_new)                                                                                \
	X(g_mime_message_set_date)                                                                           \
	X(g_mime_message_set_message_id)                                                                     \
	X(g_mime_message_set_mime_part)                                                                      \
	X(g_mime_message_set_subject)                                                                        \
	X(g_mime_object_append_header)                                                                       \
	X(g_mime_object_set_content_type_parameter)                                                          \
	X(g_mime_object_to_string)                                                                           \
	X(g_mime_part_new_with_type)                                                                         \
	X(g_mime_part_set_content)                                                                           \
	X(g_mime_part_set_content_encoding)                                                                  \
	X(g_mime_stream_mem_new_with_buffer)                                                                 \
	X(g_object_unref)                                                                                    \
	X(internet_address_list_add)                                                                         \
	X(internet_address_mailbox_new)                                                                      \
	X(internet_address_set_charset)

struct xb_gmime {
#define X(f) __typeof__(f) *f;
	XB_GMIME_FUNCTIONS(X)
#undef X
};

/* Loads it, once a process; XB_E_CONFIG where it is not installed. */
struct xb_err *xb_gmime_load(void) XB_MUST_CHECK;
const struct xb_gmime *xb_gmime(void);

#define g_date_time_new_from_unix_utc(...) xb_gmime()->g_date_time_new_from_unix_utc(__VA_ARGS__)
#define g_date_time_unref(...) xb_gmime()->g_date_time_unref(__VA_ARGS__)
#define g_free(...) xb_gmime()->g_free(__VA_ARGS__)
#define g_mime_data_wrapper_new_with_stream(...) xb_gmime()->g_mime_data_wrapper_new_with_stream(__VA_ARGS__)
#define g_mime_format_options_free(...) xb_gmime()->g_mime_format_options_free(__VA_ARGS__)
#define g_mime_format_options_new(...) xb_gmime()->g_mime_format_options_new(__VA_ARGS__)
#define g_mime_format_options_set_newline_format(...)                                                        \
	xb_gmime()->g_mime_format_options_set_newline_format(__VA_ARGS__)
#define g_mime_init(...) xb_gmime()->g_mime_init(__VA_ARGS__)
#define g_mime_message_get_from(...) xb_gmime()->g_mime_message_get_from(__VA_ARGS__)
#define g_mime_message_get_reply_to(...) xb_gmime()->g_mime_message_get_reply_to(__VA_ARGS__)
#define g_mime_message_get_to(...) xb_gmime()->g_mime_message_get_to(__VA_ARGS__)
#define g_mime_message_new(...) xb_gmime()->g_mime_message_new(__VA_ARGS__)
#define g_mime_message_set_date(...) xb_gmime()->g_mime_message_set_date(__VA_ARGS__)
#define g_mime_message_set_message_id(...) xb_gmime()->g_mime_message_set_message_id(__VA_ARGS__)
#define g_mime_message_set_mime_part(...) xb_gmime()->g_mime_message_set_mime_part(__VA_ARGS__)
#define g_mime_message_set_subject(...) xb_gmime()->g_mime_message_set_subject(__VA_ARGS__)
#define g_mime_object_append_header(...) xb_gmime()->g_mime_object_append_header(__VA_ARGS__)
#define g_mime_object_set_content_type_parameter(...)                                                        \
	xb_gmime()->g_mime_object_set_content_type_parameter(__VA_ARGS__)
#define g_mime_object_to_string(...) xb_gmime()->g_mime_object_to_string(__VA_ARGS__)
#define g_mime_part_new_with_type(...) xb_gmime()->g_mime_part_new_with_type(__VA_ARGS__)
#define g_mime_part_set_content(...) xb_gmime()->g_mime_part_set_content(__VA_ARGS__)
#define g_mime_part_set_content_encoding(...) xb_gmime()->g_mime_part_set_content_encoding(__VA_ARGS__)
#define g_mime_stream_mem_new_with_buffer(...) xb_gmime()->g_mime_stream_mem_new_with_buffer(__VA_ARGS__)
#define g_object_unref(...) xb_gmime()->g_object_unref(__VA_ARGS__)
#define internet_address_list_add(...) xb_gmime()->internet_address_list_add(__VA_ARGS__)
#define internet_address_mailbox_new(...) xb_gmime()->internet_address_mailbox_new(__VA_ARGS__)
#define internet_address_set_charset(...) xb_gmime()->internet_address_set_charset(__VA_ARGS__)

#endif
