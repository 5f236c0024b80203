//! Judges exercise 2.1.

#[test]
fn the_length_comes_first() {
    toy_judge::eq("the length comes first", &vec![2, 7, 8], &toy_two::frame(&[7, 8]), "src/lib.rs, fn frame");
}
