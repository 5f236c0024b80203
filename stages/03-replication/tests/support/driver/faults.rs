//! Commands that break something.

use std::error::Error;

use story::Args;

use super::{Answer, Driver};

impl Driver {
    /// `isolate broker=1`, `isolate controller`: nobody but clients reaches it.
    pub(super) fn isolate(&mut self, mut args: Args<'_>) -> Answer {
        let broker: Option<i32> = args.key("broker")?;
        let other: Option<String> = args.optional("machine")?;
        args.done()?;
        let host = match (broker, other) {
            (Some(id), None) => format!("broker-{id}"),
            (None, Some(host)) => host,
            _ => return Err("`isolate` needs broker= or a machine".into()),
        };
        let world = self.world()?;
        world.machine(&host)?;
        for other in world.hosts().into_iter().filter(|other| *other != host) {
            cut(world, &host, &other);
            cut(world, &other, &host);
        }
        Ok(String::new())
    }

    /// `cut from="broker 1" to="broker 2"`.
    pub(super) fn cut(&mut self, mut args: Args<'_>) -> Answer {
        let (from, to): (Option<String>, Option<String>) = (args.key("from")?, args.key("to")?);
        args.done()?;
        let host =
            |name: Option<String>| Ok::<_, Box<dyn Error>>(name.ok_or("`cut` needs from= and to=")?.replace(' ', "-"));
        let (from, to) = (host(from)?, host(to)?);
        cut(self.world()?, &from, &to);
        Ok(String::new())
    }

    /// `hold client "broker 1"`, `release client "broker 1"`.
    pub(super) fn hold(&mut self, mut args: Args<'_>, is_hold: bool) -> Answer {
        let [one, other] =
            [args.value::<String>("machine")?, args.value("machine")?].map(|name| name.replace(' ', "-"));
        args.done()?;
        let sim = self.world()?.sim();
        match is_hold {
            true => sim.hold(one.as_str(), other.as_str()),
            false => sim.release(one.as_str(), other.as_str()),
        }
        Ok(String::new())
    }

    /// `heal`.
    pub(super) fn heal(&mut self, args: Args<'_>) -> Answer {
        args.done()?;
        let world = self.world()?;
        for (from, to) in std::mem::take(&mut world.cuts) {
            world.sim().repair_oneway(from.as_str(), to.as_str());
        }
        Ok(String::new())
    }

    /// `stop broker=1`.
    pub(super) fn stop(&mut self, mut args: Args<'_>) -> Answer {
        let host = host(&mut args)?;
        let world = self.world()?;
        let machine = world.machine(&host)?.clone();
        let stop = machine.inside().running.as_ref().map(|running| running.stop.clone());
        stop.ok_or("it does not run")?.cancel();
        let ended = world.until(|_| machine.inside().ended.take())?;
        ended.ok_or("it does not stop")??;
        Ok(String::new())
    }

    /// `kill broker=1`.
    pub(super) fn kill(&mut self, mut args: Args<'_>) -> Answer {
        let host = host(&mut args)?;
        let world = self.world()?;
        world.machine(&host)?.inside().running.as_ref().ok_or("it does not run")?;
        world.sim().crash(host.as_str());
        world.machine(&host)?.inside().process_died();
        Ok(String::new())
    }

    /// `power broker=1`.
    pub(super) fn power(&mut self, mut args: Args<'_>) -> Answer {
        let host = host(&mut args)?;
        let world = self.world()?;
        world.machine(&host)?.inside().running.as_ref().ok_or("it does not run")?;
        world.sim().crash(host.as_str());
        world.machine(&host)?.inside().power_lost();
        Ok(String::new())
    }

    /// `wipe broker=1`.
    pub(super) fn wipe(&mut self, mut args: Args<'_>) -> Answer {
        let host = host(&mut args)?;
        let world = self.world()?;
        world.sim().crash(host.as_str());
        world.machine(&host)?.inside().disk_lost();
        Ok(String::new())
    }

    /// `start broker=1`: returns when it is a member again, or, if it cannot reach the controller, at once.
    pub(super) fn start(&mut self, mut args: Args<'_>) -> Answer {
        let host = host(&mut args)?;
        let world = self.world()?;
        if world.machine(&host)?.inside().running.is_some() {
            return Err("it runs".into());
        }
        world.machine(&host)?.inside().ended = None;
        world.sim().bounce(host.as_str());
        let is_cut = world.cuts.iter().any(|(from, to)| *from == host || *to == host);
        match host.strip_prefix("broker-") {
            Some(id) if !is_cut => world.await_active(id.parse()?)?,
            _ => {}
        }
        Ok(String::new())
    }
}

fn cut(world: &mut super::World, from: &str, to: &str) {
    world.sim().partition_oneway(from, to);
    let one = (from.to_owned(), to.to_owned());
    if !world.cuts.contains(&one) {
        world.cuts.push(one);
    }
}

/// `broker=1`, or a machine's name.
fn host(args: &mut Args<'_>) -> Result<String, Box<dyn Error>> {
    let broker: Option<i32> = args.key("broker")?;
    let host = match broker {
        Some(id) => format!("broker-{id}"),
        None => args.value("machine")?,
    };
    Ok(host)
}
