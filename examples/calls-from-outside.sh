#!/bin/sh
# The office of first-office.sh is called from outside: a trunk and a number, opening hours, a group, voicemail by mail.
# Usage: examples/calls-from-outside.sh HOST USER PASSWORD_FILE NUMBER MAIL
#   e.g. examples/calls-from-outside.sh sip.carrier.example acme carrier.password +442071234567 office@office.example
#
# Running it again changes nothing: --if-missing leaves what is there as it is.
set -eu

[ $# -eq 5 ] || { echo "usage: $0 HOST USER PASSWORD_FILE NUMBER MAIL" >&2; exit 2; }
host=$1 user=$2 password_file=$3 number=$4 mail=$5
export PBX_TENANT=office

pbx trunk create carrier --host "$host" --username "$user" --password-stdin --if-missing <"$password_file"

# First what others lead to, then what leads there: a target that is not there is refused.
pbx element create voicemail 5120 --set emails="$mail" --set lamps=100,101 --if-missing
pbx element create mailbox 5199 --set box=5120 --if-missing
pbx element create group 5100 --set members=100,101 --set ring_s=25 --if-missing \
  --set no_answer=5120 --set all_busy=5120 --set none_reachable=5120
pbx element create time_rule 5300 --set match=5100 --set no_match=5120 --if-missing \
  --set windows.0.days=mon-fri --set windows.0.from=09:00 --set windows.0.to=18:00
pbx element create set_switch 5301 --set switch=5300 --set done=5002 --if-missing
pbx number create "$number" --trunk carrier --to 5300 --if-missing

# Whoever does not answer is looked for on the other phone; rules run for direct calls, not for the group's.
pbx extension forward 100 --when no_answer --to 101 --after 20 --clear

pbx trunk list
pbx number list
