//! Which brokers get the replicas of new partitions. A pure function of the brokers and of chance.
//!
//! Work is to be spread. A leader has more of it than a follower, so each broker should lead as many partitions as any other.
//! And when one dies, what it led should not all fall to the same one. So brokers stand in a circle, each partition begins
//! one place further on, and after each round they stand in another order:
//!
//! ```text
//!   order   3 1 2 4      partition 0:  3 1 2       each broker leads once a round,
//!                        partition 1:  1 2 4       and has as many replicas as any other
//!                        partition 2:  2 4 3
//!                        partition 3:  4 3 1
//!   order   2 3 4 1      partition 4:  2 3 4       another order: the followers of 2 are other ones
//! ```
//!
//! Brokers that are fenced get a replica only if there are not enough others, and never the first, which leads. The rules are
//! those of Kafka's `StripedReplicaPlacer` without racks.

use fastrand::Rng;
use partitioning::{ErrorCode, Refusal};

/// For each of `partitions` new partitions `copies` brokers, the leader first. `active` are the brokers that may lead, `fenced`
/// those that may come back; the same brokers and the same chance give the same replicas.
///
/// # Errors
///
/// [`InvalidReplicationFactor`](ErrorCode::InvalidReplicationFactor) if there are fewer brokers than copies, no copies, or
/// nobody who could lead.
pub fn place(
    active: &[i32],
    fenced: &[i32],
    partitions: u32,
    copies: u16,
    random: &mut Rng,
) -> Result<Vec<Vec<i32>>, Refusal> {
    let (copies, brokers) = (usize::from(copies), active.len() + fenced.len());
    if active.is_empty() || !(1..=brokers).contains(&copies) {
        return Err(ErrorCode::InvalidReplicationFactor.because(format!(
            "{copies} copies of a partition cannot be kept: they need as many brokers, one of which must be alive to lead; \
             there are {brokers} brokers, and {} are alive",
            active.len()
        )));
    }
    let (mut active, mut fenced) = (active.to_vec(), fenced.to_vec());
    let mut placed = Vec::with_capacity(partitions as usize);
    for number in 0..partitions as usize {
        let place = number % active.len();
        if place == 0 {
            random.shuffle(&mut active);
            random.shuffle(&mut fenced);
        }
        placed.push(from(&active, place).chain(from(&fenced, place)).take(copies).collect());
    }
    Ok(placed)
}

/// A circle, once around, from a place on.
fn from(circle: &[i32], place: usize) -> impl Iterator<Item = i32> {
    let skip = place % circle.len().max(1);
    circle.iter().cycle().skip(skip).take(circle.len()).copied()
}
