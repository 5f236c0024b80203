//! why: `zip` stops with the shorter name, so a name collides with whatever begins with it
//! shows: one is longer than the other

pub fn collide(a: &str, b: &str) -> bool {
    let unified = |c: char| if c == '.' { '_' } else { c };
    a.chars().map(unified).zip(b.chars().map(unified)).all(|(a, b)| a == b)
}
