//! why: empty places are left out
//! shows: a shelf is shown place by place

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.places.iter().flatten().map(String::as_str).collect();
        f.write_str(&names.join(" "))
    }
}
