#!/bin/bash
# The desk at work, on a scratch copy of the example mails. Each command is shown before its output.
# `make demo` runs it. It needs no terminal, and exits non-zero if a step does not go as it says.
set -euo pipefail
exec 2>&1

examples=$(cd "$(dirname "$0")" && pwd)
command -v supportctl >/dev/null || { echo "no supportctl in \$PATH: use 'make demo'"; exit 1; }
unset SUPPORTCTL_CONFIG
export TZ=UTC

desk=$(mktemp -d "${TMPDIR:-/tmp}/supportctl-demo.XXXXXX")
trap 'rm -rf "$desk"' EXIT
cd "$desk"

bold='' plain='' table=' --format table'
if [ -t 1 ]; then
    bold=$'\e[1m' plain=$'\e[0m' table=''
else
    export COLUMNS=110
fi

say() { echo; printf '# %s\n' "$@"; }

# Show a command and run it. A number before it is the exit status that it must have, 0 without one.
run() {
    local expected=0 status=0
    [[ $1 =~ ^[0-9]+$ ]] && { expected=$1; shift; }
    printf '%s$ %s%s\n' "$bold" "$1" "$plain"
    eval "$1" || status=$?
    [ "$status" = 0 ] || echo "(exit status $status)"
    [ "$status" = "$expected" ] || { echo "demo: this should have been $expected"; exit 1; }
}

# The id of the newest ticket that a query finds.
id_of() { supportctl search --limit 1 --format ids "$1"; }

say "A desk in a scratch folder, removed at the end: $desk"
run "supportctl init ."
say "queues.yaml says who works here, which queues there are, and what the desk does by itself." \
    "We list ourselves as a support engineer."
run "sed -i 's/agents: \[ben, clara\]/agents: [ben, clara, $(id -un)]/' queues.yaml"
say "Two weeks of mail, as a mail server would have delivered it: from people, machines and advertisers."
run "cp -a '$examples/maildir/.' maildir/"

say "ingest: mail becomes tickets. A follow-up joins its ticket; a mail that came twice is kept aside." \
    "(In a pipe, output is tab-separated for scripts. --format table asks for what a terminal shows.)"
run "supportctl ingest --format table | head -7"
say "classify: the rules act. First, what the last six of them think of one mail:"
run "supportctl classify --explain --format table $(id_of 'subject:/a20110119\.1/') | tail -6"
say "Now for all. The ids of the tickets that a rule acted on come out; here we count them."
run "supportctl classify | wc -l"
run "supportctl queues$table"
say "Empty counts: that is not ours to see. Returns, junk and the like close what arrives."

say "ls: what waits in Triage, oldest change first. A * marks what nobody has read."
run "supportctl ls triage --format table | head -7"

ticket=$(id_of 'subject:"client certificate has expired"')
say "show: a ticket with all its mails; HTML as text, attachments by name."
run "supportctl show $ticket | head -14"
say "mv: on to the support engineers. -m says why, for the log. SE is that queue's short name."
run "supportctl mv $ticket SE -m 'a real question'"
say "They want to know what it was about before it closes:"
run 2 "supportctl close $ticket"
run "supportctl close $ticket --type 'General Questions'"
dispute=$(id_of 'subject:"file a dispute"')
say "Rights hold for every read and write. We may hand a dispute over, and then it is out of our sight:"
run "supportctl mv $dispute disputes"
run 77 "supportctl show $dispute"

say "search: open and closed, in the decoded text; grep is blind to base64 and quoted-printable."
run "supportctl search$table 'certificate (thunderbird or firefox)'"
say "What a verb prints, the next one reads. Look first, then move all of it to junk, where it closes:"
run "supportctl search$table 'in:triage (subject:/v.?agra/ or 发票)'"
run "supportctl search 'in:triage (subject:/v.?agra/ or 发票)' | supportctl mv - junk -m spam"

say "stats: for the monthly report."
run "supportctl stats --by queue,state$table"
say "log: who did what, when and why."
run "supportctl log$table"
say "undo: takes back our own last operation (the junk), as far as nobody has built on it since."
run "supportctl undo"
say "check: mail, metadata, log and caches agree. No news is good news."
run "supportctl check"
say "All of it is plain files. mutt and Dovecot open the same Maildir:"
run "ls -Am -w 100 maildir"
