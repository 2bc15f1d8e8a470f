//! Has the crate built again when a migration is added, which Cargo would not notice otherwise.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
