#!/usr/bin/env bash
# timeout: 600
# An owner writes a testcase, with a secret and a step for people, and a run of it ends at the gate.
. "$(dirname "$0")/lib.sh"

new_state
min_image
disk=$(fact .disk)
expect 0 image import "$disk" --spec "$root/images/debian-12-min/image.yaml" --name shop-min \
    --server shop1 --progress none
expect 0 patch add "$samples/patches/motd"
expect 0 image warm shop-min --progress none

# --- new, lint, run ------------------------------------------------------------------------------

expect 0 testcase new shop --dir "$TEST_TMP"
shop=$TEST_TMP/shop
expect 5 testcase new shop --dir "$TEST_TMP"
expect 0 testcase lint "$shop"
expect 0 testcase run "$shop" --image shop-min
prints "pass: system"
prints "2 checks, 0 failed"
no_leftovers

mkdir "$shop/steps"
printf '# Log in\n\nLog in as **ann** and look.\n' >"$shop/steps/login.md"
# shellcheck disable=SC2016  # the guest expands it
cat >"$shop/checks/secret" <<'END'
#!/bin/sh
echo "url $PATCHLAB_PARAM_SHOP_URL, password $(cat "$PATCHLAB_PARAMS/db-password")"
env | grep -qi 'hunter' && exit 3
[ "$(stat -c '%a %U' "$PATCHLAB_PARAMS/db-password")" = "400 daemon" ] || exit 4
[ "$(stat -f -c %T "$PATCHLAB_PARAMS")" = tmpfs ]
END
chmod +x "$shop/checks/secret"
cat >>"$shop/testcase.yaml" <<'END'
  - {name: secret, run: checks/secret, user: daemon}
params:
  shop-url: {title: where the shop is, default: 'https://localhost/'}
  db-password: {title: password of the shop, required: true, secret: true}
manual:
  - {name: login, title: a customer can log in, file: steps/login.md, stages: [patched]}
END
secret=hunter2-Zq9+xK
printf '%s\n' "$secret" >"$TEST_TMP/password"
printf 'secrets: {db-password: {file: password}}\n' >"$TEST_TMP/params.yaml"
expect 0 testcase lint "$shop"
expect 2 testcase run "$shop" --image shop-min
says "parameter 'db-password' of testcase 'shop' has no value"
expect 2 testcase run "$shop" --image shop-min --params "$TEST_TMP/params.yaml"
says "chmod 600"
chmod 600 "$TEST_TMP/password"
expect 0 testcase run "$shop" --image shop-min --params "$TEST_TMP/params.yaml" --check secret --json
same "the only check" secret "$(fact '.checks[0].check')"
fact '.checks[0].output' | grep -qF 'url https://localhost/, password [secret db-password]' ||
    fail "expected the secret to be hidden"
expect 0 run list --json
same "runs" '[]' "$(fact .)"

# --- a run that waits for a person ---------------------------------------------------------------

expect 2 validate motd --image shop-min --testcases "$shop" --until patched
expect 3 validate motd --image shop-min --testcases "$shop" --until patched --no-observe \
    --params "$TEST_TMP/params.yaml" --progress none --json
id=$(fact .id)
fact '.summary.reasons[]' | grep -qF "manual step 'shop/login'" || fail "expected the step as reason"
no_leftovers

# Nothing below the state directory holds it, in no form that it travels in.
for form in "$secret" "$(printf %s "$secret" | base64)"; do
    same "files with the secret" "" "$(grep -rlF -e "$form" "$PATCHLAB_STATE" 2>/dev/null)"
done
expect 0 evidence show "$id" --json
same "the record" '[{"secrets":["db-password"],"testcase":"shop","values":{"shop-url":"https://localhost/"}}]' \
    "$(jq -Sc '.[] | select(.kind == "run.params").body.testcases' "$out")"

expect 0 signoff approve "$id" --role owner --as olga
expect 0 signoff approve "$id" --role gatekeeper --as gero --json
same "the gate" false "$(fact .open)"
expect 0 uat "$id" login fail --as tess --remark "the button is gone" --json
same "the step" failed "$(fact '.steps[0].state')"
expect 2 uat "$id" login skip --as tess
expect 2 uat "$id" no-step pass --as tess
expect 0 uat "$id" login pass --as tom --json
same "a failure of somebody else stands" failed "$(fact '.steps[0].state')"
expect 0 uat "$id" login pass --as tess --json
same "the gate" true "$(fact .gate.open)"
expect 0 queue list --status ready --json
same "the queue" '["shop1"]' "$(fact 'map(.server)')"
expect 0 uat "$id" login fail --as tess --remark "gone again" --json
expect 0 queue list --status held --json
same "the queue" '["shop1"]' "$(fact 'map(.server)')"
expect 0 run show "$id" --json
same "the verdict" review "$(fact .verdict)"
expect 0 evidence verify
