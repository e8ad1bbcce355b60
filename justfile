# The daily commands. `just` lists them.

default:
    @just --list

# All tests, documentation examples included.
test:
    cargo test --workspace --all-features

# Accept the snapshots, verdicts and derived pages as they come out now.
bless:
    ORDERCHARGE_BLESS=1 cargo test --workspace --all-features

# What must be quiet before a commit.
lint:
    cargo fmt --all --check
    typos
    cargo deny check licenses bans sources
    .ci/layers
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# The benchmarks, each beside its baseline.
bench:
    cargo bench --bench charges

# Fuzz targets, each for some minutes; all of them unless some are named: just fuzz 5 reader oracle
fuzz minutes="1" *targets:
    fuzz/run {{minutes}} {{targets}}

# Mutants of the library, or of some files of it: just mutants src/check.rs
mutants *files:
    tests/mutants/run {{files}}

# How much of each module the tests run.
coverage *options:
    tests/coverage {{options}}

# Whether each module of the library uses only those before it.
layers:
    .ci/layers

# Whether the package works: unpacked, with its examples, and in a crate that uses it.
package:
    .ci/package

# What CI runs.
ci:
    bash .ci/run
