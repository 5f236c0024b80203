use super::boxes;

#[test]
fn a_box_without_a_place_is_lost() {
    assert_eq!(boxes(&["a", "b"], 1), [Some(0), None]);
}
