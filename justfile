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

# Whether the modules of the library use each other in a circle (needs cargo-modules).
cycles:
    cargo modules dependencies --lib --no-externs --no-sysroot --no-fns --no-traits --no-types --no-owns

# What CI runs.
ci:
    bash .ci/run
