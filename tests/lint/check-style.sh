#!/bin/sh
# What a compiler does not see: length of lines, functions and files, and banned functions.
# usage: check-style.sh FILE...      prints offenders, exits 1 if any
#
#   lines       at most 100 columns
#   functions   at most 60 lines from brace to brace
#   files       a note from 400 lines on, at most 600
#   banned      goto; what writes without a limit, reads numbers without an error, runs a shell,
#               or is not safe in threads
#
# Comments and strings do not count as code.
LC_ALL=C awk '
BEGIN {
    LINES_NOTE = 400; LINES_MAX = 600; FUNCTION_MAX = 60; COLUMNS_MAX = 100
    banned = "(^|[^A-Za-z0-9_.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|system|"
    banned = banned "popen|alloca|gmtime|localtime)[ \t]*[(]"
}
function offend(line, what) {
    printf "%s:%d: %s\n", file, line, what
    bad = 1
}
function end_file() {
    if (lines > LINES_MAX)
        offend(lines, "file of " lines " lines; at most " LINES_MAX)
    else if (lines > LINES_NOTE)
        printf "%s: note: %d lines, think of a division\n", file, lines
}
# The line without comments and without what strings hold; `in_comment` goes on to the next line.
function code(line,    out, c, two, quote, i) {
    out = ""; quote = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1); two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; i++ }
        } else if (quote != "") {
            if (c == "\\") i++
            else if (c == quote) { quote = ""; out = out c }
        } else if (two == "/*") { in_comment = 1; i++ }
        else if (two == "//") break
        else {
            if (c == "\"" || c == "\047") quote = c
            out = out c
        }
    }
    return out
}
# Bytes that continue a UTF-8 character take no column.
function columns(line) {
    gsub(/[\200-\277]/, "", line)
    return length(line)
}
FNR == 1 {
    if (file) end_file()
    file = FILENAME; in_comment = 0; opened = 0
}
{
    lines = FNR
    if (columns($0) > COLUMNS_MAX) offend(FNR, "line of " columns($0) " columns")
    if ($0 ~ /[ \t]$/) offend(FNR, "blank at the end of the line")
    text = code($0)
    if (text ~ /(^|[^A-Za-z0-9_])goto[ \t]/) offend(FNR, "goto")
    if (match(text, banned)) offend(FNR, "banned function: " substr(text, RSTART, RLENGTH))
    if (text ~ /^\{/) opened = FNR
    if (text ~ /^\}/ && opened) {
        if (FNR - opened - 1 > FUNCTION_MAX)
            offend(opened, "function of " FNR - opened - 1 " lines; at most " FUNCTION_MAX)
        opened = 0
    }
}
END { if (file) end_file(); exit bad }' "$@"
