#!/usr/bin/env bash
# timeout: 120
# shellcheck disable=SC2016  # ${Version} is dpkg-query's
# debsecan and oscap, the real programs, on real lists of packages and without a guest: they agree
# with the built-in scanner on the same data, and what cannot be known is never "no findings".
. "$(dirname "$0")/lib.sh"

for program in debsecan oscap; do
    command -v "$program" >/dev/null || skip "$program is not installed"
done
new_state
cd "$TEST_TMP" || exit 1

# What Debian 12.2 had of openssl, beside what this machine has of everything else.
format='${binary:Package}\t${Version}\t${source:Package}\t${source:Version}\n'
dpkg-query -W -f "$format" | awk -F '\t' '$2 != "" && $3 != "openssl" && $3 != "base-files"' >rest
list() { # list OPENSSL-VERSION
    cat rest
    printf '%s\t%s\topenssl\t%s\n' openssl "$1" "$1" libssl3:amd64 "$1" "$1"
    printf 'base-files\t12.4+deb12u2\tbase-files\t12.4+deb12u2\n'
}
list 3.0.11-1~deb12u2 >old
list 3.0.15-1~deb12u1 >new

# --- debsecan against the built-in scanner ---

printf '%s\n' 'VERSION 1' 'CVE-2024-5535,,SSL_select_next_proto, a buffer overread' \
    'CVE-2024-4741,,use after free' 'CVE-2099-0001,,nobody has mended it' '' \
    'openssl,0,SLRF,3.3.2-1,3.0.15-1~deb12u1 1.1.1n-0+deb11u6' \
    'openssl,1,SMRF,3.2.2-1,3.0.14-1~deb12u1 3.0.15-1~deb12u1' 'openssl,2,SH  ,,' '' >data
expect 0 feed add tracker --kind debsecan --path data --release Debian:12
expect 0 feed poll
known='[.findings[] | [.id, .package, .installed, .fixed_in, .severity, .binaries]]'
for side in old new; do
    expect 0 scan --installed $side --json
    built_in=$(fact "$known")
    same "program" built-in "$(fact .scanner)"
    expect 0 scan --installed $side --scanner debsecan --json
    same "findings of debsecan in the $side list" "$built_in" "$(fact "$known")"
    [[ $(fact .version) == debsecan\ [0-9]* ]] || fail "no version: $(fact .version)"
    fact '.data.digest' >"$side.digest"
done
same "ids in the new list" '["CVE-2099-0001"]' "$(fact '[.findings[].id]')"
cmp old.digest new.digest || fail "before and after were looked at with other data"
expect 0 scan --installed old --scanner debsecan
prints "CVE-2024-5535"

# --- oscap: definitions as Debian writes them ---

oval=http://oval.mitre.org/XMLSchema/oval
definition() { # definition N CVE VERSION
    cat <<EOF
<definition class="vulnerability" id="oval:org.debian:def:$1" version="1"><metadata>
<title>$2 openssl</title><affected family="unix"><platform>Debian GNU/Linux 12</platform>
<product>openssl</product></affected>
<reference ref_id="$2" ref_url="https://security-tracker.debian.org/tracker/$2" source="CVE"/>
<description>$2</description></metadata>
<criteria comment="Release section" operator="AND">
<criterion comment="Debian 12 is installed" test_ref="oval:org.debian.oval:tst:1"/>
<criteria comment="Architecture section" operator="OR"><criteria operator="AND">
<criterion comment="all architecture" test_ref="oval:org.debian.oval:tst:2"/>
<criterion comment="openssl DPKG is earlier than $3" test_ref="oval:org.debian.oval:tst:$1"/>
</criteria></criteria></criteria></definition>
EOF
}
test_of() { # test_of N
    cat <<EOF
<dpkginfo_test xmlns="$oval-definitions-5#linux" id="oval:org.debian.oval:tst:$1" version="1"
 check="all" check_existence="at_least_one_exists" comment="openssl is earlier">
<object object_ref="oval:org.debian.oval:obj:3"/><state state_ref="oval:org.debian.oval:ste:$1"/>
</dpkginfo_test>
EOF
}
state_of() { # state_of N VERSION
    cat <<EOF
<dpkginfo_state xmlns="$oval-definitions-5#linux" id="oval:org.debian.oval:ste:$1" version="1">
<evr datatype="debian_evr_string" operation="less than">0:$2</evr></dpkginfo_state>
EOF
}
{
    cat <<EOF
<?xml version="1.0" encoding="UTF-8"?>
<oval_definitions xmlns="$oval-definitions-5" xmlns:oval="$oval-common-5">
<generator><oval:product_name>Debian</oval:product_name>
<oval:schema_version>5.11.2</oval:schema_version>
<oval:timestamp>2026-11-01T00:00:00</oval:timestamp></generator><definitions>
EOF
    definition 10 CVE-2024-5535 3.0.15-1~deb12u1
    definition 11 CVE-2099-0001 9.9
    cat <<EOF
</definitions><tests>
<textfilecontent54_test xmlns="$oval-definitions-5#independent" id="oval:org.debian.oval:tst:1"
 version="1" check="all" check_existence="at_least_one_exists" comment="Debian 12 is installed">
<object object_ref="oval:org.debian.oval:obj:1"/><state state_ref="oval:org.debian.oval:ste:1"/>
</textfilecontent54_test>
<uname_test xmlns="$oval-definitions-5#unix" id="oval:org.debian.oval:tst:2" version="1" check="all"
 check_existence="at_least_one_exists" comment="Installed architecture is all">
<object object_ref="oval:org.debian.oval:obj:2"/></uname_test>
EOF
    test_of 10
    test_of 11
    cat <<EOF
</tests><objects>
<textfilecontent54_object xmlns="$oval-definitions-5#independent" id="oval:org.debian.oval:obj:1"
 version="1"><path>/etc</path><filename>debian_version</filename>
<pattern operation="pattern match">(\\d+)\\.\\d</pattern><instance datatype="int">1</instance>
</textfilecontent54_object>
<uname_object xmlns="$oval-definitions-5#unix" id="oval:org.debian.oval:obj:2" version="1"/>
<dpkginfo_object xmlns="$oval-definitions-5#linux" id="oval:org.debian.oval:obj:3" version="1">
<name>libssl3</name></dpkginfo_object></objects><states>
<textfilecontent54_state xmlns="$oval-definitions-5#independent" id="oval:org.debian.oval:ste:1"
 version="1"><subexpression operation="equals">12</subexpression></textfilecontent54_state>
EOF
    state_of 10 3.0.15-1~deb12u1
    state_of 11 9.9
    echo '</states></oval_definitions>'
} >oval.xml
expect 2 scan --installed old --scanner oscap
says "there is no data of kind 'oval' for scanner 'oscap'"
expect 0 feed add debian-oval --kind oval --path oval.xml
expect 0 feed poll debian-oval
expect 0 scan --installed old --scanner oscap --json
same "ids in the old list" '["CVE-2024-5535","CVE-2099-0001"]' "$(fact '[.findings[].id]')"
same package '["openssl","3.0.11-1~deb12u2","3.0.15-1~deb12u1","libssl3","debian-oval"]' \
    "$(fact '.findings[0] | [.package, .installed, .fixed_in, .binaries, .source]')"
expect 0 scan --installed new --scanner oscap --json
same "ids in the new list" '["CVE-2099-0001"]' "$(fact '[.findings[].id]')"

# Another release is another system to the definitions.
sed 's/12.4+deb12u2/13.8+deb13u1/g' old >trixie
expect 0 scan --installed trixie --scanner oscap --json
same "findings of another release" 0 "$(fact '.findings | length')"

# Definitions that are none.
echo '<oval_definitions/>' >none.xml
expect 0 feed add none --kind oval --path none.xml
run feed poll none
[ "$status" -ne 0 ] || fail "a file without definitions was taken"
prints "no document of OVAL definitions"

# --- not installed, and unknown ---

expect 2 scan --installed old --scanner nessus
says "'nessus' is no scanner"
says "these are known: built-in, debsecan, oscap"
mkdir empty
status=0
env PATH="$TEST_TMP/empty" "$patchlab" validate nothing --image nothing --scanner debsecan \
    >"$out" 2>"$err" </dev/null || status=$?
same "exit status" 2 "$status"
says "scanner 'debsecan' is not installed"
says "apt-get install debsecan"
printf 'scan: {scanner: oscap, applications: 9}\n' >"$PATCHLAB_STATE/config.yaml"
expect 2 scan --installed old
says "scan.applications"
printf 'scan: {scanner: oscap}\n' >"$PATCHLAB_STATE/config.yaml"
expect 0 scan --installed old --json
same "the scanner of config.yaml" oscap "$(fact .scanner)"
run doctor
prints "oscap (oscap "
