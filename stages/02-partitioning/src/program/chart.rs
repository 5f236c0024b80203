//! Bars in a terminal.

use std::io::{self, Write};

/// A bar of two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Bar {
    /// Drawn dark, at the left.
    pub(crate) dark: u64,
    /// Drawn light, behind it.
    pub(crate) light: u64,
}

/// What the dark part is drawn with.
pub(crate) const DARK: char = '█';
/// What the light part is drawn with.
pub(crate) const LIGHT: char = '░';

impl Bar {
    /// Both parts.
    pub(crate) fn whole(&self) -> u64 {
        self.dark + self.light
    }

    /// The bar, of `width` characters if the whole is `full`.
    fn draw(&self, full: u64, width: usize) -> String {
        let scaled = |part: u64| ((part as f64 / full.max(1) as f64) * width as f64).round() as usize;
        let (dark, whole) = (scaled(self.dark), scaled(self.whole()));
        let light = whole.saturating_sub(dark);
        DARK.to_string().repeat(dark) + &LIGHT.to_string().repeat(light)
    }
}

/// Draws one bar a line, each behind its number and with its length in figures. The longest that fits is `full`.
pub(crate) fn draw(bars: &[Bar], full: u64, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    let label = bars.len().saturating_sub(1).to_string().len();
    let figures = full.to_string().len();
    // Two spaces before the number, two behind it, one behind the bar.
    let width = columns.saturating_sub(label + figures + 5).max(10);
    for (number, bar) in bars.iter().enumerate() {
        let drawn = bar.draw(full, width);
        let space = if drawn.is_empty() { "" } else { " " };
        writeln!(out, "  {number:>label$}  {drawn}{space}{}", bar.whole())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_drawn_to_one_scale() {
        let bars = [Bar { dark: 50, light: 50 }, Bar { dark: 0, light: 24 }, Bar::default(), Bar { dark: 1, light: 0 }];
        let mut out = Vec::new();
        draw(&bars, 100, 29, &mut out).unwrap();
        let expected = "  0  ██████████░░░░░░░░░░ 100\n  1  ░░░░░ 24\n  2  0\n  3  1\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn numbers_are_in_line_and_no_line_is_too_long() {
        let bars = [Bar { dark: 1_000_000, light: 0 }; 11];
        let mut out = Vec::new();
        draw(&bars, 1_000_000, 80, &mut out).unwrap();
        let lines: Vec<_> = std::str::from_utf8(&out).unwrap().lines().collect();
        assert!(lines[0].starts_with("   0  █") && lines[10].starts_with("  10  █"), "{lines:?}");
        assert!(lines.iter().all(|line| line.chars().count() == 80), "{lines:?}");
    }
}
