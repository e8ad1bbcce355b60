# The daily commands. `just` lists them.

default:
    @just --list

# All tests, including the examples of the documentation.
test:
    cargo test --workspace --all-features

# Rewrite the snapshots, verdicts and derived pages.
bless:
    ORDERCHARGE_BLESS=1 cargo test --workspace --all-features

# Formatting, lints and documentation: run this before a commit.
lint:
    cargo fmt --all --check
    typos
    cargo deny check licenses bans sources
    .ci/layers
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# The benchmarks, each with its baseline.
bench:
    cargo bench --bench charges

# Counts the instructions of fixed inputs and compares them with the committed counts (--update writes them). Needs valgrind.
instructions *options:
    benches/instructions/run {{options}}

# The fuzz targets, each for some minutes; all of them, or the named ones: just fuzz 5 reader oracle
fuzz minutes="1" *targets:
    fuzz/run {{minutes}} {{targets}}

# Mutation tests of the library, or of some files: just mutants src/check.rs
mutants *files:
    tests/mutants/run {{files}}

# How much of each module the tests run.
coverage *options:
    tests/coverage {{options}}

# Checks that each module of the library uses only those before it.
layers:
    .ci/layers

# Tests the package: unpacked, with its examples, and in a crate that uses it.
package:
    .ci/package

# Submissions that are killed at random and resumed, against servers faster and slower than the timeouts: just kills 1000
kills count="200":
    ORDERCHARGE_KILLS={{count}} cargo test -p ordercharge-cli --features submit --test submit -- --exact --nocapture killed_at_random

# What CI runs.
ci:
    bash .ci/run
