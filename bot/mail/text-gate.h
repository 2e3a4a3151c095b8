/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the mail about a test that keeps something back says. */
#ifndef XB_MAIL_TEXT_GATE_H
#define XB_MAIL_TEXT_GATE_H

#include "text.h"

/* Of gate.txt: about the first pick that is not published. */
void xb_text_gate(const struct xb_text_inputs *t, struct xb_fields *f);

#endif
