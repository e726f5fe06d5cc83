#!/usr/bin/env bash
# The inventory by hand and from three other tools, back to them, who deviates from the build standard, and which
# servers an exploited vulnerability concerns. No VM.
. "$(dirname "$0")/lib.sh"

new_state
first=$PATCHLAB_STATE
sample=$root/docs/samples

# imported ADDED CHANGED UNCHANGED ARG...
imported() {
    local want="$1 $2 $3"
    shift 3
    expect 0 server import --json "$@"
    same "import $*" "$want" "$(fact '"\(.added) \(.changed) \(.unchanged)"')"
}
# servers: how many are in service
servers() { "$patchlab" server list --json | jq length; }

# --- CSV, by hand, and what is refused ---

imported 9 0 0 "$sample/servers.csv" --dry-run
same "servers after a dry run" 0 "$(servers)"
imported 9 0 0 "$sample/servers.csv"
imported 0 0 9 "$sample/servers.csv"
expect 0 server set WEB-01 --ticket '' --last-patched 2026-11-20
expect 0 server show web-01
prints "ticket: CHG-2041 -> -"
prints "servers.csv:6"
imported 0 1 8 "$sample/servers.csv"

{
    echo 'name,category,owner,exposure,image'
    for ((i = 1; i <= 200; i++)); do
        case $((i % 4)) in
            0) echo "srv-$i,core,ann,internal," ;;
            1) echo "srv-$i,web,bob,internet,debian-12-web" ;;
            2) echo "srv-$i,mail,ann,partner," ;;
            3) echo "srv-$i,database,dba,," ;;
        esac
    done
} >"$TEST_TMP/many.csv"
imported 200 0 0 "$TEST_TMP/many.csv"
same "servers" 209 "$(servers)"

sed '150s/.*/srv-149,zoo,ann,internal,/; s/,ann,/,eve,/' "$TEST_TMP/many.csv" >"$TEST_TMP/bad.csv"
expect 2 server import "$TEST_TMP/bad.csv"
silent
says "bad.csv:150: category: expected one of core, security"
same "servers of eve" 0 "$("$patchlab" server list --json | jq '[.[] | select(.owner == "eve")] | length')"
for words in 'add x' 'add web-01 --category web' 'add y --category web --window never' 'set none --owner x' 'import' \
    'import x --libvirt test:///default' 'list --category zoo' 'export --format xml' 'facts web-01' \
    'deviations' 'standard' 'retire none'; do
    # shellcheck disable=SC2086  # the words of a command line
    run server $words
    [ "$status" -eq 2 ] || [ "$status" -eq 5 ] || fail "expected a refusal"
    silent
done

# --- out, and into another laboratory ---

for format in csv ansible json; do
    expect 0 server export --format "$format"
    cp "$out" "$TEST_TMP/export.$format"
done
for format in csv ansible json; do
    new_state
    imported 209 0 0 "$TEST_TMP/export.$format" --format "$format"
    imported 0 0 209 "$TEST_TMP/export.$format"
    expect 0 server export
    cmp "$out" "$TEST_TMP/export.csv" || fail "$format does not bring back what was exported"
done
imported 1 0 0 --libvirt test:///default --category application
expect 0 server show test
prints "test:///default: domain 'test'"
export PATCHLAB_STATE=$first

# --- what servers have and should have ---

# packages NGINX: what dpkg-query prints on a server
packages() {
    printf 'base-files\t12.4+deb12u5\tii \tbase-files\t12.4+deb12u5\n'
    printf 'nginx\t%s\tii \tnginx\t%s\n' "$1" "$1"
}
packages 1.22.1-9 >"$TEST_TMP/old"
packages 1.22.1-9+deb12u1 >"$TEST_TMP/new"
printf 'units: {nginx.service: disabled}\nsysctl: {net.ipv4.ip_forward: 0}\n' >"$TEST_TMP/facts.yaml"
cp "$sample/standards.yaml" "$PATCHLAB_STATE/standards.yaml"
expect 0 server facts web-01 --packages "$TEST_TMP/old" --file "$TEST_TMP/facts.yaml"
expect 0 server facts web-02 --packages "$TEST_TMP/new"
expect 0 server facts db-01 --packages "$TEST_TMP/old"
expect 2 server facts web-02 --packages "$TEST_TMP/facts.yaml"
expect 0 server standard
prints 'packages.telnetd'
expect 0 server deviations --category web --json
same "web-01" '["packages.nginx","units.nginx.service"]' \
    "$(fact '.[] | select(.server == "web-01") | [.deviations[].fact]')"
same "web-02" 'unknown ["units.nginx.service","sysctl.net.ipv4.ip_forward"]' \
    "$(fact '.[] | select(.server == "web-02") | "\(.state) \(.unknown)"')"
expect 0 server deviations
prints '>= 1.22.1-9+deb12u1'
prints 'deviate'

# --- an emergency ---

cat >"$TEST_TMP/advisories.json" <<'END'
{"advisories": [{"id": "DSA-1", "cves": ["CVE-2026-1000"], "release": "Debian:12", "package": "nginx",
                 "fixed": "1.22.1-9+deb12u1"}]}
END
cat >"$TEST_TMP/kev.json" <<'END'
{"vulnerabilities": [{"cveID": "CVE-2026-1000", "vulnerabilityName": "nginx, badly", "dateAdded": "2026-11-20",
                      "knownRansomwareCampaignUse": "Known"}]}
END
expect 0 feed add advisories --kind json --path "$TEST_TMP/advisories.json"
expect 0 feed add kev --kind kev --path "$TEST_TMP/kev.json"
expect 0 feed poll
prints 'EMERGENCY: attackers are known to use what these images and servers have'
expect 0 feed poll --json
same "emergencies" '[["web-01"],"internet","2026-11-23"] [["db-01"],"internal","2026-11-23"]' \
    "$(fact '.emergencies[] | [.servers, .exposure, .deadline]' | paste -sd' ')"

# --- a disk that says nothing of its servers ---

cd "$PATCHLAB_STATE" || exit 1
truncate -s 1M disk.raw
printf '\x55\xaa' | dd of=disk.raw bs=1 seek=510 conv=notrunc status=none # a boot sector
expect 2 image import disk.raw --name legacy --progress none
says 'nothing says which category of servers it stands for'
expect 0 server set db-01 --image legacy
expect 0 image import disk.raw --name legacy --progress none
expect 0 image list --json
same "whom it stands for" '[null,["db-01"]]' "$(fact '.[0] | [.represents.category, .servers]')"
expect 0 server show db-01 --json
same "what stands for it" legacy "$(fact .stands_for_it.name)"

# --- retired ---

expect 0 server retire web-01 --reason 'scrapped'
expect 5 server set web-01 --owner bob
says "server 'web-01' is retired"
expect 0 feed poll --json
same "servers in an emergency" '["db-01"]' "$(fact '.emergencies[].servers')"
expect 5 server import "$sample/servers.csv"
says "servers.csv:6: server 'web-01' is retired"
expect 0 server retire --undo web-01
imported 0 1 8 "$sample/servers.csv"
