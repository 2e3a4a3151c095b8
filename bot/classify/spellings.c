/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spellings.h"

#include "rules.h"

#include <string.h>

/*
 * Xen's spellings. White space may hold one line break, never a blank line.
 * The list is possessive: what follows it is judged after the whole of it.
 */
#define WS "(?:[ \\t]+(?:\\n[ \\t]*)?|\\n[ \\t]*)"
/* "XSA-423/424" */
#define SHORT "(?:[/,&+][0-9]++(?![0-9A-Za-z_]|[.-][0-9A-Za-z]))*+"
#define XSA "XSA[-# ]?[0-9]++" SHORT "(?![0-9A-Za-z_]|-[0-9A-Za-z])"
#define CVE "CVE-[0-9]{4}-[0-9A-Za-z]++" SHORT
#define ID "(?:" XSA "|" CVE ")"
#define SEP WS "?(?:[/,+&](?:" WS "?and\\b)?|and\\b)" WS "?(?:part" WS "of" WS ")?"
#define LIST ID "(?:" SEP ID ")*+"
#define PART "(?:" WS "(?:first|second|third|last|final|other))?" WS "(?:part|half)" WS "of"
#define FLAW                                                                                                 \
	"(?:" WS "an?)?" WS "(?:security" WS "(?:problem|issue|vulnerability|bug|hole)|vulnerability)[,.:;]" \
	"?"
/* "This is XSA-1 fallout" speaks about the fix; it isn't the fix. */
#define PROSE                                                                                                \
	"(?!'|" WS "(?:fix|fall|follow|regress|work-?around|patch|series|change|relat|territory|introduced)" \
	")"

const char *const xb_xen_security[] = {
    "\\bThis(?:" WS "(?:patch|bug|change|commit))?" WS "is(?:" WS "(?:also|yet))?(?:" WS
    "(?:an?|the|another|one))?(?:" PART ")?(?:(?:" WS "the)?" WS "fix(?:es)?" WS "(?:to|for))?(?:" FLAW
    ")?(?:" WS "part" WS "of)?" WS LIST PROSE,
    "\\bThis" WS "(?:part" WS "of" WS ")?" LIST "\\.?[ \\t]*$",
    "\\bEverything" WS "together" WS "is" WS "(?:part" WS "of" WS ")?" LIST PROSE,
    "\\A[ \\t]*(?!Revert\\b)[^\\n\"]*\\[" LIST "\\]",
    "\\A[ \\t]*(?!Revert\\b)[^\\n\"]*\\((?:security fix )?" LIST "\\)[ \\t]*$",
    "\\A[ \\t]*(?:[^\\n\":]+: )?" LIST ":[ \\t]",
    "\\A[ \\t]*(?!Revert\\b)[^\\n\"]*, for " LIST "[ \\t]*$",
    "\\n\\n[ \\t]*[\\[(]" LIST "[\\])]\\.?[ \\t]*$",
    "\\n\\n[ \\t]*" LIST "\\.?[ \\t]*(?=\\n*\\z|\\n\\n|\\n[A-Z][a-z-]+-by: )",
    NULL,
};

const char *const xb_xen_not_security[] = {
    "\\b[Tt]his" WS "is" WS "\\(?not\\b",
    "\\b[Tt]his" WS "(?:documents|mentions)\\b",
    "\\b(?:does" WS "not|doesn't)" WS "fix\\b",
    "\\b[Nn]ot" WS "a" WS "security" WS "(?:issue|problem)\\b",
    "\\b[Ff]ollow-?" WS "?up" WS "(?:to|for|of)\\b",
    NULL,
};

#define HEX "([0-9a-fA-F]{7,40})(?![0-9A-Za-z])"
/* What people put between "revert" or "Fixes:" and an id. "25100:" is Mercurial's count. */
#define KIND "(?:(?:commits?|c/s|changesets?)(?:" WS "id)?[ \\t]*)?(?:[0-9]+:)?"
/* A blank that a mail program made non-breaking counts as one: its two bytes in UTF-8 are in the set. */
#define SP "[ \\t\\xc2\\xa0]"
#define THIS "\\b[Tt]his(?:" WS "(?:patch|commit|change))?"
#define FOLLOWUP "(?:[Ff]ollow-?" WS "?up(?:" WS "(?:fix|patch|change))?" WS "(?:to|for|of|on)"
#define THE_FIX WS "the" WS "fix(?:es)?" WS "(?:for|of|to)"

const char *const xb_fact_patterns[XB_FACT_COUNT] = {
    [XB_FACT_FOLLOWUP] = THIS WS "is(?:" WS "also)?(?:" WS "(?:an?|another|the))?" WS FOLLOWUP "(?:" THE_FIX
				 ")?|update" WS "to" THE_FIX ")" WS "(" LIST ")",
    [XB_FACT_MASTER] = "^" SP "*(?:[Mm]aster|[Uu]pstream|[Uu]nstable)(?:" SP
		       "+|-)(?:commit|changeset)(?:-id)?" SP "*:?" SP "*" HEX,
    [XB_FACT_UPSTREAM] = "(?|^" SP "*\\[" SP "*[Uu]pstream" SP "+[Cc]ommit" SP "+" HEX SP "*\\]|^[Cc]ommit" SP
			 "+" HEX SP "+upstream\\.?[ \\t]*$)",
    [XB_FACT_PICKED] = "^" SP "*\\((?:[Cc]herry[- ]picked|[Bb]ackported)" SP "+from" SP "+(?:[A-Za-z-]+" SP
		       "+)?commits?:?" WS HEX,
    [XB_FACT_FIXES] = "^(?|([Ff]ixes|[Aa]mends):[ \\t]*|(Fixes)[ \\t]+)'?" KIND HEX,
    [XB_FACT_REVERTS] =
	THIS "(?:" WS "([a-z]+ly))?" WS "(?:reverts|is" WS "an?" WS "([a-z]+" WS ")?revert" WS "of)" WS
	     "((?:(?!commits?\\b|c/s|changesets?\\b)[A-Za-z0-9_/'-]+" WS "){0,8}?)" KIND HEX,
    [XB_FACT_REVERT_ID] = "(?:\\A(?:[^\\n\"]*[:(] ?)?|\\n\\n)([Pp]artially )?[Rr]evert "
			  "((?:the )?(?:[a-z-]+ )?parts? of )?(?:xen-unstable:)?" KIND HEX,
    [XB_FACT_REVERT_SUBJECT] = "\\A(?:[^\"]*: )?(?:Temporarily )?([Pp]artially )?(?:[Rr]evert|(Reapply)) "
			       "((?:the )?parts? of )?\"(.+)\"[ .]*(?:\\([^\"]*\\))?\\z",
    [XB_FACT_NEED] = "^[Cc][Cc]:[^\\n#]*stable[^\\n#]*#[ \\t]*(?:([^\\s:#]+)[ \\t]*:[ \\t]*)?" HEX
		     "[ \\t]*:?[ \\t]*([^\\n]*)$",
    [XB_FACT_NEXT_ID] = "\\G(?:" WS "?(?:,|&|and\\b))+" WS "?(?:commits?" WS ")?" HEX,
};

/* Of the arrays below, every match holds one string at least. */
#define NEEDLES(...) ((const char *const[]){__VA_ARGS__, NULL})

const char *const *const xb_fact_needles[XB_FACT_COUNT] = {
    [XB_FACT_FOLLOWUP] = NEEDLES("XSA", "CVE-"), /* and of the security patterns */
    [XB_FACT_MASTER] = NEEDLES("aster", "pstream", "nstable"),
    [XB_FACT_UPSTREAM] = NEEDLES("pstream"),
    [XB_FACT_PICKED] = NEEDLES("icked", "ackported"),
    [XB_FACT_FIXES] = NEEDLES("ixes", "mends:"),
    [XB_FACT_REVERTS] = NEEDLES("evert"),
    [XB_FACT_REVERT_ID] = NEEDLES("evert"),
    [XB_FACT_REVERT_SUBJECT] = NEEDLES("evert", "eapply"),
    [XB_FACT_NEED] = NEEDLES("stable"),
};

const char *const *xb_security_needles(const char *pattern)
{
	for (size_t i = 0; xb_xen_security[i]; i++)
		if (!strcmp(pattern, xb_xen_security[i]))
			return xb_fact_needles[XB_FACT_FOLLOWUP];
	return NULL;
}
