//! Times as people write them: a number of milliseconds, or RFC 3339 in UTC.

use crate::Timestamp;

/// Reads `1700000000000`, `2023-11-14T22:13:20Z` or `2023-11-14T22:13:20.125Z`.
///
/// # Errors
///
/// A sentence that names the text and the rule.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    let rule =
        || format!("`{text}` is no time: give milliseconds since 1970, or UTC as in 2023-11-14T22:13:20Z or …20.125Z");
    text.parse().ok().or_else(|| rfc_3339(text)).ok_or_else(rule)
}

fn rfc_3339(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let is_day = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !is_day || hour > 23 || minute > 59 || second > 59 || time.ends_with('.') || fraction.len() > 3 {
        return None;
    }
    // A tenth of a second is 100 ms.
    let [milliseconds] = numbers(&format!("{fraction:0<3}"), '.', [3])?;
    let seconds = ((days_before(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second;
    Some(seconds * 1000 + milliseconds)
}

/// Numbers of so many digits each.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part =
            parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first of the month; negative before.
fn days_before(year: i64, month: i64) -> i64 {
    // Leap days up to the end of a year.
    let leaps = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let of_years = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    of_years + (1..month).map(|month| days_in(year, month)).sum::<i64>()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_both_forms() {
        for (text, time) in [
            ("0", 0),
            ("-1", -1),
            ("1970-01-01T00:00:00Z", 0),
            ("2023-11-14T22:13:20Z", 1_700_000_000_000),
            ("2023-11-14T22:13:20.5Z", 1_700_000_000_500),
            ("2023-11-14T22:13:20.125Z", 1_700_000_000_125),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2024-12-31T23:59:59Z", 1_735_689_599_000),
            ("1969-12-31T23:59:59Z", -1000),
            ("1900-03-01T00:00:00Z", -2_203_891_200_000),
        ] {
            assert_eq!(parse(text), Ok(time), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "now",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-11-14T22:13:20+01:00",
            "2023-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2023-11-14T24:00:00Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20.1234Z",
            "2023-11-14T22:13:+1Z",
            "23-11-14T22:13:20Z",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
