//! How fast one can be at all: counts the lines, looking at every byte for line ends only, or skipping through the JSON
//! of each line without taking anything from it.

use ordercharge_peers::arguments::Arguments;
use ordercharge_peers::{Outcome, lines};
use serde::de::IgnoredAny;

fn main() -> Outcome {
    let mut arguments = Arguments::read()?;
    let how: String = arguments.take("how")?.unwrap_or("memchr".to_owned());
    let file = arguments.file()?;
    let mut count = 0_u64;
    match how.as_str() {
        "memchr" => lines::in_pieces(&file, |piece| {
            count += memchr::memchr_iter(b'\n', piece).count() as u64;
            Ok(())
        }),
        "serde" => lines::each(&file, |line| {
            count += 1;
            serde_json::from_slice::<IgnoredAny>(line)?;
            Ok(())
        }),
        "sonic" => lines::each(&file, |line| {
            count += 1;
            sonic_rs::from_slice::<sonic_rs::LazyValue<'_>>(line)?;
            Ok(())
        }),
        _ => Err("--how is memchr, serde or sonic".into()),
    }?;
    println!("{count}");
    Ok(())
}
