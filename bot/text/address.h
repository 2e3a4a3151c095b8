/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mail addresses: strict, as they go onto the wire and into headers. What is
 * allowed is NAME@DOMAIN of plain ASCII, without quotes and comments, which is
 * less than RFC 5321 allows and all that occurs. Libraries let line ends
 * through (libcurl 7.88 does); nothing that fails here reaches one.
 */
#ifndef XB_MAIL_ADDRESS_H
#define XB_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* The N bytes at S are such an address. */
bool xb_address_ok(const char *s, size_t n);
/* They are a domain: labels of letters, digits and dashes. */
bool xb_domain_ok(const char *s, size_t n);
/* The part after the @ of an address that is ok; borrowed. */
const char *xb_address_domain(const char *address);
/*
 * Reads "NAME <ADDRESS>" or "ADDRESS". False where it is neither; else *NAME
 * (perhaps "") and *ADDRESS are the caller's.
 */
bool xb_mailbox_parse(const char *text, char **name, char **address);

/* Is HOST of SCHEME://HOST[:PORT] this host itself, by its name or number? */
bool xb_url_is_loopback(const char *url);

#endif
