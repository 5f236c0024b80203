//! why: only one of the two names has its dots replaced
//! shows: a metric's name writes `.` and `_` the same way

pub fn collide(a: &str, b: &str) -> bool {
    a.replace('.', "_") == b
}
