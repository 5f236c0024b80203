//! Where a URL in the site leads.

/// What a URL names, seen from a page of the site.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// A file of the site and a place in it.
    Inside { path: String, fragment: Option<String> },
    /// A web page.
    Web,
    /// Bytes that stand in the URL itself.
    Data,
    /// A mail address.
    Mail,
    /// Nothing that belongs into a book.
    Other,
}

/// Resolves a URL that a file of the site names. `page` is that file, `base` its `<base href>`.
pub(super) fn resolve(url: &str, page: &str, base: Option<&str>) -> Target {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_scheme =
        |text: &String| text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.contains(['/', '#', '?', '.']);
    if let Some(scheme) = scheme.filter(is_scheme) {
        return match scheme.as_str() {
            "http" | "https" => Target::Web,
            "data" => Target::Data,
            "mailto" => Target::Mail,
            _ => Target::Other,
        };
    }
    if url.starts_with("//") {
        return Target::Web;
    }
    let (path, fragment) = match url.split_once('#') {
        Some((path, fragment)) => (path, Some(decoded(fragment)).filter(|text| !text.is_empty())),
        None => (url, None),
    };
    let path = decoded(path.split('?').next().unwrap_or_default());
    let from = base.map_or(page, |base| base.trim_start_matches('/'));
    // A fragment alone means the page itself. With a base, a browser sees it otherwise; mdBook's 404 page has both.
    let path = if path.is_empty() { page.to_owned() } else { joined(from, &path) };
    Target::Inside { path, fragment }
}

/// The path from the root of the site. A folder is its index page. Above the root is nothing, and the path says so.
fn joined(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    if !path.starts_with('/') {
        parts.extend(from.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev());
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if path.ends_with('/') || path.ends_with("/.") || path == "." {
        parts.push("index.html");
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// `%41` is `A`. What is no such code, or no UTF-8, stays as it is.
pub(crate) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code =
            text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn leads(url: &str, page: &str, path: &str, fragment: Option<&str>) {
        let expected = Target::Inside { path: path.into(), fragment: fragment.map(Into::into) };
        assert_eq!(resolve(url, page, None), expected, "{url} in {page}");
    }

    #[test]
    fn urls_lead_to_files_of_the_site() {
        leads("b.html#c", "a.html", "b.html", Some("c"));
        leads("#c", "x/a.html", "x/a.html", Some("c"));
        leads("#", "x/a.html", "x/a.html", None);
        leads("../b.html?q=1#", "x/a.html", "b.html", None);
        leads("/b.html", "x/a.html", "b.html", None);
        leads("./", "x/a.html", "x/index.html", None);
        leads("../../b.html", "x/a.html", "../b.html", None);
        leads("d%20e.html#%C3%A9", "a.html", "d e.html", Some("é"));
    }

    #[test]
    fn a_base_moves_them() {
        let expected = Target::Inside { path: "css/a.css".into(), fragment: None };
        assert_eq!(resolve("css/a.css", "deep/404.html", Some("/")), expected);
    }

    #[test]
    fn other_schemes_lead_out() {
        for (url, target) in [
            ("https://example.org/", Target::Web),
            ("HTTP://example.org", Target::Web),
            ("//example.org/a.js", Target::Web),
            ("mailto:a@example.org", Target::Mail),
            ("data:image/png;base64,AA", Target::Data),
            ("javascript:alert(1)", Target::Other),
        ] {
            assert_eq!(resolve(url, "a.html", None), target, "{url}");
        }
    }

    #[test]
    fn percent_codes_are_read_once() {
        assert_eq!(decoded("%2541%"), "%41%");
        assert_eq!(decoded("%ff"), "%ff");
        assert_eq!(decoded("a%2"), "a%2");
    }
}
