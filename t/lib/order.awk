# SPDX-License-Identifier: GPL-2.0-or-later
# Reads what t/tools/inject wrote to INJECT_LOG, and says where something that must outlast a power cut was not
# made so in time: a file put in its place before its bytes were synced, a ref that moved while its pack, or
# an entry of any directory, was not. HERE is the directory of all that counts.
function dir(path) { sub(/\/[^\/]*$/, "", path); return path }
function wrong(text) { print text; bad = 1 }
# What may be lost: who has a lock, what is recomputed, that an event was taken.
function spare(path) {
  return index(path, HERE "/xen.git") != 1 || path ~ /\/(instance|lock|cross-check|(status|pulse)\.json[^\/]*)$|\/spool\/cur\//
}
$1 == "write" || $1 == "truncate" { if (!spare($2)) dirty[$2] = 1 }
$1 == "fsync" {
  delete dirty[$2]
  for (p in pending) if (dir(p) == $2) delete pending[p]
  for (p in gone) if (dir(p) == $2) delete gone[p]
}
$1 == "mkdir" && !spare($2) { pending[$2] = 1 }
# not_yet PATTERN TEXT: entries that fit it must be durable by now.
function not_yet(pattern, text,   p) { for (p in pending) if (p ~ pattern) wrong(text " while " p " was not durable") }
$1 == "unlink" && $2 ~ /\.xsabot\/intent\// { not_yet("/refs/|/published/", "it was forgotten what was intended,") }
$1 == "rename" && $3 ~ /\/mail-known\.json$/ { not_yet("/outbox/new/", "mails count as told") }
$1 == "unlink" || $1 == "rmdir" {
  delete dirty[$2]; delete pending[$2]; delete staged[$2]
  if (!spare($2)) gone[$2] = 1
}
($1 == "rename" || $1 == "link") && !spare($3) {
  if ($2 in dirty) wrong($3 " is in its place, and not synced")
  delete dirty[$2]
  if ($3 ~ /\.git\/refs\//) {
    for (p in pending) if (p !~ /\.git\/refs\//) wrong($3 " moved while " p " was not durable")
    for (p in staged) wrong($3 " moved while " p " was not in its place")
    for (p in dirty) if (p != $3 ".lock") wrong($3 " moved while " p " was not synced")
  }
  if ($1 == "rename") { delete pending[$2]; delete staged[$2] }
  pending[$3] = 1
  if ($3 ~ /\.xsabot\/pack\/[^\/]*\.(pack|idx|keep)$/) staged[$3] = 1
}
END {
  for (p in dirty) wrong(p " was never synced")
  for (p in gone) wrong("that " p " is gone was never synced")
  for (p in pending) wrong("the entry of " p " was never synced")
  exit bad
}
