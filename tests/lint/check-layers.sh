#!/bin/sh
# A layer may include only the layers named in its row below, and the headers of a foreign library
# stay in the one place that translates it.
# usage: check-layers.sh FILE...      prints offenders, exits 1 if any
#
# FILE is include/LAYER/NAME.h or validator/LAYER/NAME.[ch].
awk '
BEGIN {
    ok["base"]     = " base ";
    ok["store"]    = " base store ";
    ok["ports"]    = " base ports ";
    ok["core"]     = " base store ports core ";
    ok["adapters"] = " base ports adapters ";
    ok["front"]    = " base store ports core adapters front ";

    # A header that matches the first may be included only by a file that matches the second.
    home["^sqlite3"]                 = "/store/"
    home["^libvirt/"]                = "/adapters/lv_[a-z0-9_]*[.][ch]$"
    home["^archive(_entry)?[.]h$"]   = "/adapters/archive[a-z0-9_]*[.]c$"
    home["^zlib[.]h$"]               = "/adapters/inflate[.]c$"
    home["^expat[.]h$"]              = "/adapters/xml_walk[.]c$"
    home["^cmark"]                   = "/adapters/markdown[.]c$"
    home["^curl/"]                   = "/adapters/"
    home["^openssl/"]                = "/base/"
    home["^yaml[.]h$"]               = "/base/"
    home["^jansson"]                 = "^include/base/json[.]h$"
    home["^microhttpd[.]h$"]         = "/front/"
}
function offend(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what
    bad = 1
}
FNR == 1 { split(FILENAME, part, "/"); layer = part[2] }
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    if (!match(quoted[2], /^[a-z]+\//)) {
        offend("include \"" quoted[2] "\" by its layer, as \"" layer "/...\"")
        next
    }
    want = substr(quoted[2], 1, RLENGTH - 1)
    if (!index(ok[layer], " " want " "))
        offend(layer " must not include " want)
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    split($0, angled, /[<>]/)
    for (header in home)
        if (angled[2] ~ header && FILENAME !~ home[header])
            offend("<" angled[2] "> belongs in " home[header])
}
END { exit bad }' "$@"
