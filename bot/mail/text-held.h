/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the mail about a branch that stays as it is says. */
#ifndef XB_MAIL_TEXT_HELD_H
#define XB_MAIL_TEXT_HELD_H

#include "text.h"

/* Of held.txt. STATE: what was published. */
void xb_text_held(const struct xb_text_inputs *t, const struct xb_state *state, struct xb_fields *f);

#endif
