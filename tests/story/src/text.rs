//! How a driver reads and writes what most stories speak of: times, numbers of things, bytes, tables.

use std::str::FromStr;

/// Milliseconds, written `10s`, `1500ms`, `2m`, `1h`, `7d`; a bare number is milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Millis(pub i64);

impl FromStr for Millis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = text.trim_start_matches(|c: char| c == '-' || c.is_ascii_digit());
        let number = &text[..text.len() - unit.len()];
        let factor = match unit {
            "" | "ms" => 1,
            "s" => 1000,
            "m" => 60 * 1000,
            "h" => 60 * 60 * 1000,
            "d" => 24 * 60 * 60 * 1000,
            _ => return Err("a time is a number and ms, s, m, h or d".to_owned()),
        };
        let number: i64 = number.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
        number.checked_mul(factor).map(Millis).ok_or_else(|| "it is too long a time".to_owned())
    }
}

/// `10s`, or `1500ms` where it is no whole second; -1 is "no time".
pub fn time(millis: i64) -> String {
    match millis {
        -1 => "no time".to_owned(),
        _ if millis % 1000 == 0 => format!("{}s", millis / 1000),
        _ => format!("{millis}ms"),
    }
}

/// `1 batch`, `2 batches`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Bytes as text in quotes, or null.
pub fn nullable(bytes: Option<&[u8]>) -> String {
    bytes.map_or("null".to_owned(), |bytes| format!("\"{}\"", String::from_utf8_lossy(bytes)))
}

/// Columns as wide as their widest cell, two spaces apart.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        let read = |text: &str| text.parse::<Millis>().map(|Millis(millis)| millis);
        assert_eq!([read("7"), read("1500ms"), read("-2s"), read("1d")], [Ok(7), Ok(1500), Ok(-2000), Ok(86_400_000)]);
        assert_eq!(read("2w"), Err("a time is a number and ms, s, m, h or d".to_owned()));
        assert_eq!(read("9223372036854775807s"), Err("it is too long a time".to_owned()));
        assert!(read("").is_err() && read("s").is_err());
        assert_eq!([time(2000), time(1500), time(-1), time(0)], ["2s", "1500ms", "no time", "0s"]);
    }

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [vec!["a".to_owned(), "long".to_owned()], vec!["bcd".to_owned(), String::new()], vec![]];
        assert_eq!(table(&rows), "a    long\nbcd\n");
        assert_eq!(table(&[]), "");
    }
}
