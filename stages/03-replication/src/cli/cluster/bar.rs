//! A log as a bar.

use segment_log::Offset;

/// What is committed.
const DARK: char = '█';
/// What is not, as far as is known.
const LIGHT: char = '░';

/// The offsets that a row of characters stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) start: Offset,
    pub(super) end: Offset,
    pub(super) width: usize,
}

impl Scale {
    /// A log from `start` to `end`, committed up to `high_watermark`. However little it is, what is not empty can be seen, and so
    /// can what is not committed.
    pub(super) fn draw(&self, start: Offset, high_watermark: Offset, end: Offset) -> String {
        let at = |offset: Offset| self.place(offset.clamp(self.start, self.end));
        let (from, dark, to) = (at(start), at(high_watermark.clamp(start, end.max(start))), at(end));
        let dark = if high_watermark < end && dark == to && dark > from { dark - 1 } else { dark };
        let run = |character: char, length: usize| character.to_string().repeat(length);
        format!("{}{}{}", run(' ', from), run(DARK, dark.saturating_sub(from)), run(LIGHT, to.saturating_sub(dark)))
    }

    /// How many characters stand for the offsets before `offset`.
    fn place(&self, offset: Offset) -> usize {
        let (part, whole) = ((offset - self.start) as u128, (self.end - self.start).max(1) as u128);
        (part * self.width as u128).div_ceil(whole) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_one_scale() {
        let scale = Scale { start: 0, end: 100, width: 20 };
        for (log, bar) in [
            ((0, 100, 100), "████████████████████"),
            ((0, 50, 100), "██████████░░░░░░░░░░"),
            ((0, 0, 100), "░░░░░░░░░░░░░░░░░░░░"),
            ((0, 50, 50), "██████████"),
            ((50, 75, 100), "          █████░░░░░"),
            ((0, 0, 0), ""),
        ] {
            assert_eq!(scale.draw(log.0, log.1, log.2), bar, "{log:?}");
        }
    }

    #[test]
    fn what_is_little_can_be_seen() {
        let scale = Scale { start: 0, end: 1_000_000, width: 10 };
        assert_eq!(scale.draw(0, 1, 1), "█");
        assert_eq!(scale.draw(0, 999_999, 1_000_000), "█████████░", "a record that is not committed");
        assert_eq!(scale.draw(0, 0, 1), "░");
        assert_eq!(Scale { start: 0, end: i64::MAX, width: 10 }.draw(0, i64::MAX / 2, i64::MAX), "█████░░░░░");
    }

    #[test]
    fn what_a_replica_knows_may_lie_beyond_its_log() {
        let scale = Scale { start: 0, end: 10, width: 10 };
        assert_eq!(scale.draw(0, 10, 5), "█████", "a follower knows a high watermark and has not copied so far");
        assert_eq!(Scale { start: 0, end: 0, width: 10 }.draw(0, 0, 0), "");
    }
}
