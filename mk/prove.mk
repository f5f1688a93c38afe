# Proofs of the pure sources by Frama-C: tests/proofs.  PROVE="vpsci lr_codec" proves some units.

.PHONY: prove
prove: | setup-prove
	@scripts/prove $(PROVE)
