//! Stands in for a model checker: says what it was asked to do.

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    println!("asked to {}", words.join(" "));
}
