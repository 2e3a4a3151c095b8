/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [mail] of the configuration: the checks of its values, and from texts to
 * struct xb_mail_conf.
 */
#ifndef XB_CONFIG_MAIL_H
#define XB_CONFIG_MAIL_H

#include "text.h"
#include "value.h"

xb_value_check xb_value_mailbox;   /* NAME <ADDRESS>, or ADDRESS */
xb_value_check xb_value_address;   /* one; see mail/address.h */
xb_value_check xb_value_addresses; /* one or more, blanks or commas between them */
xb_value_check xb_value_domain;
xb_value_check xb_value_domains;   /* one or more, blanks or commas between them */
xb_value_check xb_value_transport; /* smtp://HOST[:PORT], smtps://HOST[:PORT], or a program's path */
xb_value_check xb_value_secret;    /* a file's path, or credential:NAME */
xb_value_check xb_value_word;      /* of printable ASCII, or nothing */

/* Fills r->c->mail and the mail_to of its lines; what doesn't fit together goes to r->m. */
void xb_config_mail_resolve(struct xb_config_reader *r);
void xb_config_mail_release(struct xb_mail_conf *m);

#endif
