//! Puts its arguments into boxes.

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--help") {
        println!("toy-three WORD...");
        return;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    println!("{:?}", toy_three::boxes(&words, 2));
}
