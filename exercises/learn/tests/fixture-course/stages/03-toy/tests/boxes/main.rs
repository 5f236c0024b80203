//! Tests in a folder of their own.

mod full;

use toy_three::boxes;

#[test]
fn each_box_has_a_place() {
    toy_judge::wide("boxes stand in the order in which they came", &[Some(0), Some(1)], &boxes(&["a", "b"], 2));
}

#[test]
fn the_program_says_where() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_toy-three")).args(["a", "b", "c"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "[Some(0), Some(1), None]\n");
}
