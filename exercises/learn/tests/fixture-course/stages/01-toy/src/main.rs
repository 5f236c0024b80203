//! Prints numbers as varints.

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.is_empty() {
        let text = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
        println!("read {} bytes", text.len());
    }
    for word in words {
        match word.parse() {
            Ok(number) => println!("{number}: {:?}", toy_one::varint::encode(number)),
            Err(_) => {
                eprintln!("{word} is no number");
                std::process::exit(2);
            }
        }
    }
}
