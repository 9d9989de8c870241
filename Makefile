.PHONY: help run test check fix docs stress bench

help:            ## What can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 12

run:             ## Set up what is missing and start the exchange in the foreground
	@scripts/setup run
	@.venv/bin/pbx run

test:            ## Every test, real calls included
	@scripts/setup test
	@scripts/test

check:           ## Format, lint, types and import contracts
	@scripts/setup python
	@scripts/check

fix:             ## Repair what a tool can repair
	@scripts/setup python
	@scripts/fix

docs:            ## Write the generated pages of docs/ anew
	@scripts/setup python
	@.venv/bin/python scripts/docs

stress:          ## Repeat the races and storms many times (minutes to an hour)
	@scripts/setup test
	@scripts/test --stress

bench:           ## Measure: how long callers wait, how fast changes, files and replays are, on this machine
	@scripts/setup test
	@for figure in talk changes apply drawing replay; do .venv/bin/python -m bench.$$figure; done
