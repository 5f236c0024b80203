//! Stands in for the book's program: says what it was told, and serves nothing.

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("build") => println!("built the book"),
        Some("serve") => {
            println!("the book is at http://127.0.0.1:4567/ {}", words[1..].join(" "));
            // Serves until it is told to end, or until its reader is gone.
            while std::env::var_os("TOY_BOOK_STAYS").is_some() {
                std::thread::park();
            }
        }
        _ => std::process::exit(2),
    }
}
