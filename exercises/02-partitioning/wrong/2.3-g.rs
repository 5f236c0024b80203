//! why: dots and underscores are taken away before the names are compared
//! shows: one is longer than the other

pub fn collide(a: &str, b: &str) -> bool {
    a.replace(['.', '_'], "") == b.replace(['.', '_'], "")
}
