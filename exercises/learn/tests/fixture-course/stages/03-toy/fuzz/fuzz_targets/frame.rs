//! Is not copied.
fn main() {
    toy_three::boxes(&[], 0);
}
