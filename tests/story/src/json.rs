//! JSON that reads well in a diff: what fits stays on one line, and the bytes depend on the value alone.
//!
//! `serde_json` prints objects sorted or as inserted, depending on a feature that any crate of a build may switch on, and
//! puts every number of `[[0, 0], [3, 345]]` on its own line.

use serde_json::Value;

/// The longest line that is not broken.
const WIDTH: usize = 110;

/// Prints the value, ending with a newline. Keys named in `first` lead, in that order; the others follow sorted.
pub(crate) fn pretty(value: &Value, first: &[&str]) -> String {
    let mut printer = Printer { out: String::new(), first };
    printer.value(value, 0, 0);
    printer.out.push('\n');
    printer.out
}

struct Printer<'a> {
    out: String,
    first: &'a [&'a str],
}

impl Printer<'_> {
    /// `used` columns of the line are taken already, by the indentation and the key.
    fn value(&mut self, value: &Value, indent: usize, used: usize) {
        let line = self.one_line(value);
        let is_leaf = !value.is_array() && !value.is_object();
        if is_leaf || used + line.len() <= WIDTH {
            self.out.push_str(&line);
            return;
        }
        match value {
            Value::Array(items) => self.lines('[', ']', indent, items.iter().map(|item| (String::new(), item))),
            Value::Object(map) => {
                let entries: Vec<_> = self.sorted(map).into_iter().map(|(key, item)| (label(key), item)).collect();
                self.lines('{', '}', indent, entries);
            }
            _ => self.out.push_str(&line),
        }
    }

    fn lines<'v>(
        &mut self,
        open: char,
        close: char,
        indent: usize,
        items: impl IntoIterator<Item = (String, &'v Value)>,
    ) {
        self.out.push(open);
        let inner = indent + 2;
        for (index, (label, item)) in items.into_iter().enumerate() {
            self.out.push_str(if index == 0 { "\n" } else { ",\n" });
            self.out.push_str(&" ".repeat(inner));
            self.out.push_str(&label);
            // One column for the comma after it.
            self.value(item, inner, inner + label.len() + 1);
        }
        self.out.push('\n');
        self.out.push_str(&" ".repeat(indent));
        self.out.push(close);
    }

    fn one_line(&self, value: &Value) -> String {
        match value {
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.one_line(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(map) if map.is_empty() => "{}".to_owned(),
            Value::Object(map) => {
                let entries = self.sorted(map).into_iter();
                let entries: Vec<_> = entries.map(|(key, item)| label(key) + &self.one_line(item)).collect();
                format!("{{ {} }}", entries.join(", "))
            }
            leaf => leaf.to_string(),
        }
    }

    fn sorted<'v>(&self, map: &'v serde_json::Map<String, Value>) -> Vec<(&'v str, &'v Value)> {
        let mut entries: Vec<_> = map.iter().map(|(key, item)| (key.as_str(), item)).collect();
        let rank = |key: &str| self.first.iter().position(|name| *name == key).unwrap_or(self.first.len());
        entries.sort_by_key(|(key, _)| (rank(key), *key));
        entries
    }
}

/// `"key": ` with the key escaped as JSON wants it.
fn label(key: &str) -> String {
    format!("{}: ", Value::from(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_values_stay_on_one_line_and_keys_are_ordered() {
        let value = json!({ "b": [[0, 0], [3, 345]], "a": { "y": null, "x": "\"q\"" }, "title": "t", "none": {} });
        let expected = r#"{ "title": "t", "a": { "x": "\"q\"", "y": null }, "b": [[0, 0], [3, 345]], "none": {} }"#;
        assert_eq!(pretty(&value, &["title"]), format!("{expected}\n"));
    }

    #[test]
    fn a_long_value_is_broken_only_where_it_must_be() {
        let numbers: Vec<_> = (100..130).collect();
        let text = pretty(&json!({ "short": [1, 2], "long": [numbers, [1]] }), &[]);
        assert!(text.starts_with("{\n  \"long\": [\n    [\n      100,\n"), "{text}");
        assert!(text.ends_with("      129\n    ],\n    [1]\n  ],\n  \"short\": [1, 2]\n}\n"), "{text}");
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["long"][0][29], 129);
    }
}
