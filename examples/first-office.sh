#!/bin/sh
# A small office by the shell: two people, a greeting that leads to them, and a polite end.
# Usage: examples/first-office.sh GREETING.wav     (any WAV, MP3, OGG or FLAC)
#
# Running it again changes nothing: --if-missing leaves what is there as it is. Passwords are printed
# when a phone is made; `pbx device show 100 --setup` shows them again.
set -eu

greeting=${1:?"usage: $0 GREETING.wav"}
export PBX_TENANT=office

pbx tenant create office --domain office.example --country GB --timezone Europe/London --if-missing

pbx extension create 100 --name "Alice Example" --if-missing
pbx extension create 101 --name "Boris Example" --if-missing
pbx device create 100-kitchen --extension 100 --if-missing

pbx sound show greeting >/dev/null 2>&1 || pbx sound create greeting "$greeting"

# First what others lead to, then what leads there: a target that is not there is refused.
pbx element create hang_up 5002 --if-missing
pbx element create play 5001 --set sound=asterisk:vm-goodbye --set next=5002 --if-missing
pbx element create greeting 5000 --if-missing \
  --set sound=greeting --set keys.1=100 --set keys.2=101 \
  --set direct_dial=yes --set no_input=5001 --set invalid=5001

pbx element list
