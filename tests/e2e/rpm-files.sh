#!/usr/bin/env bash
# timeout: 900
# Updates that are no .deb, in a real guest: an rpm with what it depends on, and a file that is put
# in place; both are taken back.
. "$(dirname "$0")/lib.sh"

command -v rpmbuild >/dev/null || skip "rpmbuild is not installed (Debian package rpm)"
new_state
expect 0 image build "$samples/images/debian-12-rpm" --progress none
expect 0 image warm debian-12-rpm --progress none

# in_guest PATCH COMMANDS OPTION...: in a clone that has the patch.
in_guest() {
    local patch=$1 commands=$2
    shift 2
    last="image shell debian-12-rpm --patch $patch $*"
    status=0
    "$patchlab" image shell debian-12-rpm --patch "$patch" "$@" <<<"$commands" \
        >"$out" 2>"$err" || status=$?
    [ "$status" -eq 0 ] || fail "expected exit status 0"
}

# validated PATCH VERDICT STATUS OPTION...
validated() {
    local patch=$1 verdict=$2 want=$3
    shift 3
    expect "$want" validate "$patch" --image debian-12-rpm --testcases "$samples/testcases/shop" \
        --until patched --json "$@"
    same "the verdict on $patch" "$verdict" "$(fact .verdict)"
}

# --- rpm -----------------------------------------------------------------------------------------

for v in 1 2; do
    rpmbuild --quiet -bb --define "v $v" --define "_topdir $TEST_TMP/rpmbuild" \
        --define "_rpmdir $TEST_TMP/rpms" --define '_rpmfilename %%{NAME}-%%{VERSION}.rpm' \
        "$samples/rpm/shop.spec" >"$err" 2>&1 || fail "cannot build version $v of the shop"
done
rpms=$TEST_TMP/rpms
expect 0 patch add "$rpms"/shop-2.rpm "$rpms"/shop-data-2.rpm "$rpms"/shop-extra-2.rpm \
    --undo "$rpms/shop-1.rpm" --json
expect 0 patch show shop --json
same "its version" "1:2-1" "$(fact .version)"
same "its packages" '["shop","shop-data","shop-extra"]' "$(fact '[.packages[].name]')"
same "what brings it back" '["undo/shop-1.rpm"]' "$(fact '[.undo.packages[].file]')"
head -c 2000 "$rpms/shop-2.rpm" >"$TEST_TMP/cut.rpm"
expect 2 patch add "$TEST_TMP/cut.rpm"
says "it is truncated"

# The guest has dpkg, too, so what rpm owns is said by the patch: it would be explained elsewhere.
mkdir "$TEST_TMP/patch"
cp "$rpms"/shop*-2.rpm "$TEST_TMP/patch"
cat >"$TEST_TMP/patch/patch.yaml" <<'END'
name: shop
version: "2"
kind: rpm
changes: ['file /opt/shop/*', 'file /usr/lib/systemd/system/shop.service', 'file /var/lib/rpm/*']
END
expect 0 patch add "$TEST_TMP/patch"
validated shop@2 pass 0
same "what changed" '[["shop:noarch","1:1-1","1:2-1"]]' \
    "$(fact '[.summary.packages.changed[] | [.name, .from, .to]]')"
same "what came along" '["shop-data:noarch"]' "$(fact '[.summary.packages.added[].name]')"

in_guest shop@1:2-1 'cat /run/shop; rpm -q shop-extra || true'
prints "shop 2 is open"
prints "package shop-extra is not installed"
in_guest shop@1:2-1 'systemctl restart shop; cat /run/shop; rpm -qa; ls /opt/shop' --undo
same "after undo" "shop 1 is open shop-1-1.noarch serve" "$(xargs <"$out")"

# --- files ---------------------------------------------------------------------------------------

# made NAME TEXT: a patch that puts this shop in place of the installed one.
made() {
    local dir=$TEST_TMP/$1
    mkdir "$dir" || fail "cannot make $dir"
    printf '#!/bin/sh\n%s\n' "$2" >"$dir/serve"
    printf '#!/bin/sh\nexec systemctl restart shop\n' >"$dir/restart"
    chmod +x "$dir/serve" "$dir/restart"
    cat >"$dir/patch.yaml" <<END
name: $1
version: "3"
kind: files
install:
  - {from: serve, to: /opt/shop/serve}
  - {from: restart, to: /opt/shop/admin/restart, mode: 0700, owner: root:adm}
script: {apply: restart, undone: restart}
END
    expect 0 patch add "$dir"
}
# The disk of an image has times of its own, hence --nomtime below.
made good 'echo "shop 3 is open" >/run/shop'
made wrong 'echo "shop 3 is shut" >/run/shop'
made broken 'exit 3'

validated good pass 0
validated wrong fail 1 --no-observe
expect 0 run show "$(fact .id)"
prints "shop 3 is shut"
in_guest good 'cat /run/shop; stat -c "%a %G" /opt/shop/serve /opt/shop/admin/restart'
same "in place" "shop 3 is open 755 root 700 adm" "$(xargs <"$out")"
in_guest good 'cat /run/shop; rpm -V --nomtime shop && ls -A /opt/shop; [ ! -e /var/lib/patchlab ]' \
    --undo
same "after undo" "shop 1 is open serve" "$(xargs <"$out")"

# A program that fails leaves nothing behind; the shell opens all the same, to look at it.
in_guest broken 'cat /run/shop; ls -A /opt/shop'
says "everything is put back"
says "the patch is not applied: it ended with exit status 1"
same "put back" "shop 1 is open serve" "$(xargs <"$out")"
no_leftovers
