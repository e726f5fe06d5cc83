# shellcheck shell=sh
# The checks' way to talk to the shop, as a browser would. To be sourced:
#   . "$PATCHLAB_TESTCASE/lib/shop.sh"

base=https://shop.example.org
certificate=/etc/ssl/certs/webshop.crt
failed=0
tests= # how many were told as TAP; empty: it is not TAP

# http CURL-ARGUMENTS...: prints headers and bodies of the answers. The shop's name leads to this machine.
http() {
    curl -sS -i --http1.1 --max-time 20 --noproxy '*' --cacert "$certificate" \
        --connect-to ::localhost: "$@" 2>&1 | tr -d '\r'
}

# as CUSTOMER CURL-ARGUMENTS...: the same, with the cookie that log_in got.
as() {
    jar=$PATCHLAB_TMP/$1.cookies
    shift
    http -b "$jar" "$@"
}

# log_in CUSTOMER PASSWORD
log_in() {
    http -c "$PATCHLAB_TMP/$1.cookies" "$base/login" -d "customer=$1" -d "password=$2" >"$PATCHLAB_TMP/login"
    grep -q '^Set-Cookie: session=' "$PATCHLAB_TMP/login" && return
    echo "FAILED: $1 cannot log in; expected a session cookie, got:"
    cat "$PATCHLAB_TMP/login"
    exit 1
}

# place CUSTOMER SKU=QUANTITY...: orders, follows to the receipt and leaves that in the file "receipt"; sets $order to
# the order's path.
place() {
    customer=$1
    fields=$(shift && IFS='&' && echo "$*")
    as "$customer" -L "$base/orders" -d "$fields" >"$PATCHLAB_TMP/receipt"
    order=$(sed -n 's/^Location: //p' "$PATCHLAB_TMP/receipt")
    [ -n "$order" ] && echo "ok: $customer ordered $fields: $order" && return
    echo "FAILED: $customer ordered $fields; expected to be led to the receipt, got:"
    cat "$PATCHLAB_TMP/receipt"
    echo
    echo "the application's last words:"
    journalctl -u webshop -n 5 --no-pager -o cat
    exit 1
}

# tap: what follows is told as TAP, a test for each expectation; for a check with 'results: tap'.
tap() { tests=0; }

# passed WHAT [SEEN]
passed() {
    if [ -z "$tests" ]; then
        echo "ok: $1${2:+: $2}"
        return
    fi
    tests=$((tests + 1))
    echo "ok $tests - $1"
}

# missed WHAT EXPECTED: why it did not pass is on standard input.
missed() {
    failed=1
    if [ -z "$tests" ]; then
        echo "FAILED: $1; expected $2, got:"
        cat
        return
    fi
    tests=$((tests + 1))
    echo "not ok $tests - $1"
    echo "# expected $2, got:"
    sed 's/^/#   /'
}

# expect WHAT PATTERN FILE: the file has a line with this basic regular expression.
expect() {
    if grep -q -e "$2" "$3"; then
        passed "$1"
    else
        missed "$1" "a line like '$2'" <"$3"
    fi
}

# same WHAT EXPECTED SEEN
same() {
    if [ "$2" = "$3" ]; then
        passed "$1" "$3"
    else
        missed "$1" "'$2'" <<END
$3
END
    fi
}

# The check's last line: fails when something before did.
finish() {
    [ -z "$tests" ] || echo "1..$tests"
    exit "$failed"
}
