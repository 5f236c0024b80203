//! What the controller's answer to a wish means.

use partitioning::ErrorCode;
use segment_log::Offset;

use super::{Leader, Uptime};
use crate::records::PartitionRecord;

/// What is to be done after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settled {
    /// Nothing: the wish is granted, or refused for good.
    Done,
    /// The controller is to be asked again, for the same or to make sure: nobody knows whether something was done.
    Again,
    /// This leader is not up to date, and will learn better from the metadata log. Until then both lists count.
    WaitForNews,
}

impl Leader {
    /// The controller has answered the wish, or no answer came (`Err(None)`).
    pub fn on_answer(
        &mut self,
        answer: Result<PartitionRecord, Option<ErrorCode>>,
        log_end: Offset,
        now: Uptime,
    ) -> Settled {
        match answer {
            Ok(record) => match self.on_record(record, log_end, now) {
                true => Settled::Done,
                // Granted, and another leads: it is the metadata log's to say.
                false => Settled::WaitForNews,
            },
            Err(Some(ErrorCode::IneligibleReplica | ErrorCode::InvalidRequest)) => self.refused(),
            Err(Some(
                ErrorCode::FencedLeaderEpoch
                | ErrorCode::InvalidUpdateVersion
                | ErrorCode::UnknownTopicOrPartition
                | ErrorCode::InconsistentTopicId
                | ErrorCode::NewLeaderElected,
            )) => Settled::WaitForNews,
            Err(_) => {
                if let Some(wish) = &mut self.wish {
                    wish.is_in_doubt = true;
                }
                Settled::Again
            }
        }
    }

    /// The controller says that the list cannot be. If it was asked once, the list is what it was. If an earlier question is
    /// without an answer, that one may still be under way, and be granted when it arrives. So the list that holds is asked for:
    /// when that is granted, the partition epoch is a new one, and whatever is under way is refused. Until then all lists that
    /// were asked for count. (Kafka forgets the wish after `INELIGIBLE_REPLICA`, and waits for news after `INVALID_REQUEST`.)
    /// Whoever was to join has to ask anew, so that the others have their turn.
    fn refused(&mut self) -> Settled {
        if let Some(wish) = &self.wish {
            self.askers.retain(|replica| !wish.joins.contains_key(replica));
        }
        match &mut self.wish {
            Some(wish) if wish.is_in_doubt => {
                wish.asked = self.record.in_sync.iter().copied().collect();
                Settled::Again
            }
            _ => {
                self.wish = None;
                Settled::Done
            }
        }
    }
}
