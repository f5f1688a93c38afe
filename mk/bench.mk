# make bench-jitter: how late a 1 kHz control loop's periods begin beside a busy Debian, in instructions; into
# build/bench/jitter.json and docs/jitter.svg.  BENCH_ARGS="--periods 5000 --set-up shared" makes it quick.

.PHONY: bench-jitter
bench-jitter: image demo-guests debian | setup-run
	@QEMU='$(QEMU)' CROSS='$(CROSS)' scripts/bench-jitter --image $(OUT)/corbel.img $(BENCH_ARGS)
