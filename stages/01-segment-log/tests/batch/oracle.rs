//! Reads what `tests/fixtures` says about its bytes; see the README there.

use serde_json::Value;

use crate::judging::{fixture, root};

/// One batch, as the project that made it reads it.
#[derive(Debug)]
pub(crate) struct Expected {
    json: Value,
    pub(crate) records: Vec<ExpectedRecord>,
}

/// One record of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ExpectedRecord {
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: Vec<(String, Option<Vec<u8>>)>,
}

/// The names of all fixtures of batches, without their endings.
pub(crate) fn names() -> Vec<String> {
    let files = std::fs::read_dir(root().join("tests/fixtures/batches")).expect("the fixtures are there");
    let names = files.filter_map(|file| Some(file.ok()?.file_name().to_str()?.strip_suffix(".bin")?.to_owned()));
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// A fixture: its bytes, and what they are.
pub(crate) fn load(name: &str) -> (Vec<u8>, Vec<Expected>) {
    let json: Value = serde_json::from_slice(&fixture(&format!("batches/{name}.json"))).expect("the fixture is JSON");
    let batches = json["batches"].as_array().expect("it has batches");
    (fixture(&format!("batches/{name}.bin")), batches.iter().map(|batch| Expected::of(batch.clone())).collect())
}

impl Expected {
    pub(crate) fn of(json: Value) -> Self {
        let records = match &json["records"] {
            Value::Array(records) => records.iter().map(record).collect(),
            Value::Null => Vec::new(),
            rule => numbered(rule, json["count"].as_i64().expect("a count")),
        };
        Expected { json, records }
    }

    pub(crate) fn number(&self, field: &str) -> i64 {
        self.json[field].as_i64().unwrap_or_else(|| panic!("{field} is a number"))
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_else(|| panic!("{field} is a text"))
    }

    pub(crate) fn flag(&self, field: &str) -> bool {
        self.json[field].as_bool().unwrap_or_else(|| panic!("{field} is true or false"))
    }

    /// Whether the field is there and not null.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.json.get(field).is_some_and(|value| !value.is_null())
    }
}

fn record(json: &Value) -> ExpectedRecord {
    let headers = json["headers"].as_array().expect("headers").iter();
    ExpectedRecord {
        offset: json["offset"].as_i64().expect("an offset"),
        timestamp: json["timestamp"].as_i64().expect("a timestamp"),
        key: bytes(&json["key"]),
        value: bytes(&json["value"]),
        headers: headers.map(|header| (header[0].as_str().expect("a name").to_owned(), bytes(&header[1]))).collect(),
    }
}

/// Records that follow a rule: `k0000`, `v0000` and so on.
fn numbered(rule: &Value, count: i64) -> Vec<ExpectedRecord> {
    let number = |field: &str| rule[field].as_i64().expect("a number");
    let digits = number("digits") as usize;
    let text = |field: &str, index: i64| {
        let prefix = rule[field].as_str().expect("a text");
        Some(format!("{prefix}{index:0digits$}").into_bytes())
    };
    let record = |index: i64| ExpectedRecord {
        offset: number("first_offset") + index,
        timestamp: number("first_timestamp") + index * number("timestamp_step"),
        key: text("key", index),
        value: text("value", index),
        headers: Vec::new(),
    };
    (0..count).map(record).collect()
}

fn bytes(json: &Value) -> Option<Vec<u8>> {
    match json {
        Value::Null => None,
        Value::String(hex) => Some(unhex(hex)),
        repeated => {
            let unit = unhex(repeated["repeat"].as_str().expect("hex"));
            let length = repeated["len"].as_u64().expect("a length") as usize;
            Some(unit.into_iter().cycle().take(length).collect())
        }
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hex digit") as u8;
    hex.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
