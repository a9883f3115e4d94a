#!/bin/bash
# The desk at work, on a scratch copy of the example messages. Each command is shown before its output.
# `make demo` runs this script. It needs no terminal, and exits non-zero if a step fails.
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
    [ "$status" = "$expected" ] || { echo "demo: expected exit status $expected"; exit 1; }
}

# The id of the newest ticket that a query finds.
id_of() { supportctl search --limit 1 --format ids "$1"; }

say "Create a desk in a scratch folder, which is removed at the end: $desk"
run "supportctl init ."
say "queues.yaml says who works here, which queues there are, and what the desk does by itself." \
    "We add ourselves as a support engineer."
run "sed -i 's/agents: \[ben, clara\]/agents: [ben, clara, $(id -un)]/' queues.yaml"
say "Two weeks of mail, as a mail server would have delivered it: from people, machines and advertisers."
run "cp -a '$examples/maildir/.' maildir/"

say "ingest: mail becomes tickets. A follow-up joins its ticket; a duplicate is set aside." \
    "(In a pipe, output is tab-separated, for scripts. --format table asks for what a terminal shows.)"
run "supportctl ingest --format table | head -7"
say "classify: apply the rules. First, see what the last six of them make of one message:"
run "supportctl classify --explain --format table $(id_of 'subject:/a20110119\.1/') | tail -6"
say "Now apply them to all. classify prints the ids of the tickets that a rule acted on; here we count them."
run "supportctl classify | wc -l"
run "supportctl queues$table"
say "Empty counts: queues that we may not read. Returns, junk and the like close the tickets that arrive."

say "ls: what waits in Triage, oldest change first. A * marks tickets with unread messages."
run "supportctl ls triage --format table | head -7"

ticket=$(id_of 'subject:"client certificate has expired"')
say "show: a ticket with all its messages; HTML as text, attachments by name."
run "supportctl show $ticket | head -14"
say "mv: move it on to the support engineers. -m gives a reason, for the log. SE is the queue's short name."
run "supportctl mv $ticket SE -m 'a real question'"
say "In that queue, a ticket needs an issue type before it closes:"
run 2 "supportctl close $ticket"
say "reply: answer, and close with the answer. Without a text on standard input it opens your editor."
run "echo 'Import the new root first.' | supportctl reply $ticket --close --type 'General Questions'"
say "outbox: what has not left. A new desk sends nothing; docs/sending.md says how it does."
run "supportctl outbox$table"
dispute=$(id_of 'subject:"file a dispute"')
say "Rights apply to every read and write. We may hand over a dispute, but then we can no longer read it:"
run "supportctl mv $dispute disputes"
run 77 "supportctl show $dispute"

say "search: find open and closed tickets in the decoded text; grep can't see into base64 and quoted-printable."
run "supportctl search$table 'certificate (thunderbird or firefox)'"
say "One verb's output is the next one's input. Look first, then move all of them to junk, which closes them:"
run "supportctl search$table 'in:triage (subject:/v.?agra/ or 发票)'"
run "supportctl search 'in:triage (subject:/v.?agra/ or 发票)' | supportctl mv - junk -m spam"

say "stats: for the monthly report."
run "supportctl stats --by queue,state$table"
say "log: who did what, when and why."
run "supportctl log$table"
say "undo: take back our own last operation (the junk), unless someone has changed the tickets since."
run "supportctl undo"
say "check: do mail, metadata, log and caches agree? No news is good news."
run "supportctl check"
say "Everything is plain files. mutt and Dovecot can open the same Maildir:"
run "ls -Am -w 100 maildir"
