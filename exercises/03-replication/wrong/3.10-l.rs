//! why: the controller is not asked: whoever has caught up is never let in
//! shows: 2 has all by now: the controller is to be asked to let it in

impl<F: Fold> Replica<F> {
    pub fn serve(&self, ask: FollowerAsk) -> Result<Served, Refusal> {
        self.change(|open, now| {
            let (start, end) = (open.log.log_start(), open.log.end());
            let verdict = judge_fetch(open.epochs(), start, end, ask.offset, ask.last_epoch);
            let leader = open.leading(&self.at)?;
            self.judge_epoch(leader.epoch(), ask.leader_epoch)?;
            let known = match verdict {
                FetchVerdict::Agrees if ask.is_new => {
                    leader.on_fetch(ask.replica, ask.broker_epoch, ask.offset, end, now)
                }
                // How far the follower is, nobody knows until the logs agree.
                _ => leader.judge_follower(ask.replica, ask.broker_epoch),
            };
            known.map_err(|why| self.not_mine(why, ask.replica))?;
            let has_wish = false;
            let high_watermark = leader.high_watermark();
            let found = match verdict {
                FetchVerdict::Diverges(at) => ServedFound::Diverging(at),
                FetchVerdict::OutOfRange => ServedFound::OutOfRange(end),
                FetchVerdict::Agrees => {
                    let found = open.log.read(ask.offset, ask.max_bytes)?;
                    let is_too_large = found.len() > ask.max_bytes && !ask.min_one_batch;
                    ServedFound::Records(if is_too_large { found.first(0) } else { found })
                }
            };
            Ok(Served { found, high_watermark, log_start: start, has_wish })
        })
    }
}
