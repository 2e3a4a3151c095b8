/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As what a commit of staging is picked, or that it isn't, on the smallest histories. */
#include "planned.h"
#include "tap.h"

static struct planned p;

/* A staging with these messages, up to NULL; each commit adds a file of its own. */
static void staging(const char *const *messages)
{
	static const char *const names[] = {"a.c", "b.c", "c.c", "d.c", "e.c"};

	memset(p.files, 0, sizeof p.files);
	planned_file(&p, "version", "1\n");
	planned_base(&p);
	for (size_t i = 0; messages[i]; i++)
		planned_commit(&p, messages[i], names[i], "x\n");
}

static void plan(const char *want, const char *title)
{
	XB_AUTOFREE char *got = planned_says(&p);

	is_text(got, want, title);
}

#define STAGING(...) staging((const char *const[]){__VA_ARGS__, NULL})
#define FIX "x86: fix\n\nThis is XSA-1."
#define OTHER "x86: other\n\nThis is XSA-2."

static void test_tags(void)
{
	STAGING("x86: a change");
	plan("", "a commit that says nothing");
	STAGING(FIX, "x86: a change", OTHER);
	plan("sa sc", "fixes, by their tag lines");
	STAGING("x86: a change\n\nThis is not XSA-1.");
	plan("", "a mention");
}

static void test_repairs(void)
{
	STAGING(FIX, "x86: repair\n\nFixes: %a (\"x86: fix\")");
	plan("sa fb", "a repair of a fix");
	STAGING(FIX, "x86: repair\n\nFixes: %a (\"x86: fix\")", "x86: again\n\nFixes: %b (\"x86: repair\")");
	plan("sa fb fc", "... and of a repair");
	STAGING("x86: a change", "x86: repair\n\nFixes: %a (\"x86: a change\")");
	plan("", "of what is not in the branch");
	STAGING(FIX, "x86: repair\n\nFixes: %a (\"x86: fix\")\n\nThis is XSA-2.");
	plan("sa sb", "a repair that is a fix is a fix");
	p.config->follow_ups = false;
	STAGING(FIX, "x86: repair\n\nFixes: %a (\"x86: fix\")");
	plan("sa", "none are wanted");
	p.config->follow_ups = true;
}

static void test_notes(void)
{
	STAGING(FIX, "x86: repair\n\nFixes: %a (\"x86: fix\")", OTHER);
	planned_note(&p, 'a', "Exclude: not ours");
	plan("sc -a", "a fix that a person excludes, and with it what repairs it");
	STAGING(FIX, "x86: repair\n\nFixes: %a (\"x86: fix\")");
	planned_note(&p, 'b', "Exclude: not ours");
	plan("sa -b", "the repair alone is excluded");
	STAGING(FIX, "x86: a change");
	planned_note(&p, 'b', "Security: XSA-3");
	plan("sa sb", "a person says that it is a fix");
	STAGING(FIX, "x86: a change");
	planned_note(&p, 'b', "Follow-up-to: XSA-1");
	plan("sa fb", "... a repair of an advisory");
	STAGING(FIX, "x86: a change");
	planned_note(&p, 'b', "Follow-up-to: %a");
	plan("sa fb", "... of a commit");
	STAGING(OTHER, "x86: a change");
	planned_note(&p, 'b', "Follow-up-to: XSA-1");
	plan("sa", "... of one that the branch has not");
}

static void test_needs(void)
{
	STAGING("x86: before", FIX);
	planned_note(&p, 'a', "Prerequisite-of: XSA-1");
	plan("pa sb", "what a person says that a fix needs comes before it");
	STAGING(FIX, OTHER, "x86: late");
	planned_note(&p, 'c', "Prerequisite-of: XSA-1");
	plan("sa sb pc", "... or at its own place, where it comes later");
	STAGING("x86: before", OTHER);
	planned_note(&p, 'a', "Prerequisite-of: XSA-1");
	plan("sb", "... and not for a fix that isn't there");
	STAGING(OTHER, FIX);
	planned_note(&p, 'a', "Prerequisite-of: XSA-1");
	plan("sa sb", "a fix that another one needs is a fix");
}

int main(void)
{
	planned_begin(&p);
	test_tags();
	test_repairs();
	test_notes();
	test_needs();
	planned_end(&p);
	return done();
}
