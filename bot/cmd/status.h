/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What status prints for monitors, of the report of engine/judge.h. */
#ifndef XB_CMD_STATUS_H
#define XB_CMD_STATUS_H

#include <jansson.h>

/* For a file that a collector reads: all of it as OpenMetrics. */
void xb_status_metrics(const json_t *report);
/* One line, as plug-ins of Nagios give it. */
void xb_status_nagios(const json_t *report);

#endif
