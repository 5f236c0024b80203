//! The high watermark: up to where a partition is safe. Two rules, as pure functions.
//!
//! A record is *committed* once every replica that counts has it. From then on it survives as long as one of them does. The
//! high watermark (HW) is the offset behind the last committed record. Consumers see what lies below it, and nothing else:
//! what they were shown can then not be taken back.
//!
//! ```text
//!                         HW
//!   leader    ▐█0█▌▐█1█▌▐█2█▌▐█3█▌▐█4█▌        end 5    in sync
//!   broker 2  ▐█0█▌▐█1█▌▐█2█▌▐█3█▌             end 4    in sync
//!   broker 3  ▐█0█▌▐█1█▌▐█2█▌                  end 3    in sync     ◀ the shortest of those that count: HW = 3
//!   broker 4  ▐█0█▌                            end 1    not in sync: it does not count
//! ```
//!
//! The leader learns how far the others are from their fetches: whoever asks for offset 4 has all before it. A follower
//! learns the high watermark from the answers. So it always knows an older one, by one fetch at least. That lag is harmless as
//! long as nobody truncates by it; chapter 3 shows what happens when somebody does (KIP-101).

use segment_log::Offset;

/// The leader's rule. `own` is its high watermark until now, and `counted` holds the end of its own log and that of every
/// replica that counts: those in sync, and those that would be once the controller agrees ([`Leader::counts`]). One of which
/// nothing is known in this epoch has no end yet, and holds the high watermark where it is.
///
/// It never goes back: what was said to be committed stays so. And it stands still while fewer replicas are in sync than
/// `min.insync.replicas` demands (KIP-966): what a single replica holds would be called committed, and be gone with that one.
///
/// [`Leader::counts`]: crate::leader::Leader::counts
pub fn leader_high_watermark(
    own: Offset,
    counted: impl IntoIterator<Item = Option<Offset>>,
    in_sync: usize,
    min_in_sync: usize,
) -> Offset {
    if in_sync < min_in_sync {
        return own;
    }
    let mut shortest: Option<Offset> = None;
    for end in counted {
        let Some(end) = end else { return own };
        shortest = Some(shortest.map_or(end, |shortest| shortest.min(end)));
    }
    shortest.map_or(own, |shortest| own.max(shortest))
}

/// A follower's rule: what the leader says, as far as it has the records. Not the higher of this and what it knew: after a
/// truncation its log may end before.
pub fn follower_high_watermark(leaders: Offset, own_end: Offset) -> Offset {
    leaders.min(own_end)
}
