# SPDX-License-Identifier: GPL-2.0-or-later
# Turns the template files into C: {"NAME", "text"}, one for each file.
FNR == 1 {
  if (name != "") print "},"
  name = FILENAME
  sub(/^.*\//, "", name)
  sub(/\.txt$/, "", name)
  printf "{\"%s\",\n", name
}
{
  gsub(/\\/, "\\\\")
  gsub(/"/, "\\\"")
  printf "\"%s\\n\"\n", $0
}
END { print "}," }
