//! Judges exercise 1.2.

use toy_one::shelf::Shelf;

mod full {
    use super::*;

    #[test]
    fn a_full_shelf_takes_nothing() {
        let mut shelf = Shelf::new(1);
        shelf.put("a");
        toy_judge::eq("a full shelf takes nothing", &None, &shelf.put("b"), "src/shelf.rs, fn put");
    }
}

#[test]
fn a_freed_place_is_used_again() {
    let mut shelf = Shelf::new(3);
    shelf.put("a");
    shelf.put("b");
    shelf.take(0);
    toy_judge::eq("the first empty place is used", &Some(0), &shelf.put("c"), "src/shelf.rs, fn put");
    toy_judge::eq("a shelf is shown place by place", &"c b -".to_owned(), &shelf.to_string(), "src/shelf.rs, fn fmt");
}
