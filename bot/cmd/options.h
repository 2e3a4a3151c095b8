/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of the command line, each in one row of options.c's table: how it
 * is given, where it goes, what the help says. All are parsed first, wherever
 * they stand; which of them a command takes is asked once the command is known.
 */
#ifndef XB_OPTIONS_H
#define XB_OPTIONS_H

#include "cmd.h"

/* Which of the long options were given that not all commands share; by their place in the table. */
struct xb_given {
	bool v[48];
};

/* Fills OUT and GIVEN, both zeroed before. What is wrong is XB_E_USAGE. Texts are borrowed from ARGV. */
struct xb_err *xb_options_parse(int argc, char **argv, struct xb_options *out,
				struct xb_given *given) XB_MUST_CHECK;
/* The name of an option that was given and is not among the space-separated names TAKEN; NULL: there is none.
 */
const char *xb_options_stray(const struct xb_given *given, const char *taken);
/*
 * The list of options that a command takes may say after one what its values are: "format=text,json". Is the
 * format one of these?
 */
struct xb_err *xb_options_check_format(const struct xb_options *o, const char *taken) XB_MUST_CHECK;
/* Prints the options among TAKEN, one a line. */
void xb_options_help(const char *taken);

#endif
