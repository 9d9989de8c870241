.PHONY: help run test test-compose test-systemd check fix docs package stress bench

help:            ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 15

run:             ## Set up what is missing and start the exchange in the foreground
	@scripts/setup run
	@.venv/bin/pbx run

test:            ## Every test, real calls included
	@scripts/setup test
	@scripts/test

test-compose:    ## The same exchange in containers, called by phones; skipped where no engine can be had
	@scripts/setup test
	@scripts/test-compose

test-systemd:    ## The exchange as services of a machine, ended and rebooted during calls; skipped likewise
	@scripts/setup test
	@scripts/test-systemd

check:           ## Format, lint, types and import contracts
	@scripts/setup python
	@scripts/check

fix:             ## Repair what a tool can repair
	@scripts/setup python
	@scripts/fix

docs:            ## Write the generated pages of docs/ anew
	@scripts/setup python
	@.venv/bin/python scripts/docs

package:         ## Build the release: the wheel and the locked packages it runs with, in dist/
	@scripts/setup python
	@scripts/package

stress:          ## Repeat the races and storms many times (minutes to an hour)
	@scripts/setup test
	@scripts/test --stress

bench:           ## Measure: how long callers wait, how fast changes, files and replays are, on this machine
	@scripts/setup test
	@for figure in talk changes apply drawing replay sizing; do .venv/bin/python -m bench.$$figure; done
