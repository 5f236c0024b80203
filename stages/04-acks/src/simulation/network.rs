//! The cables between the machines, and what is wrong with each.
//!
//! Several things can be wrong with a cable at once, and each ends at a time of its own. The simulator knows one state for a
//! cable. So the list of what is wrong is kept here, and each time that it changes the cables it concerns are set anew.

use std::collections::BTreeMap;
use std::time::Duration;

use turmoil::Sim;

/// Something that is wrong with a cable. Machines by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing gets from the one to the other.
    Cut(String, String),
    /// What is sent either way stays on its way until this is over, and arrives then, all at once.
    Held(String, String),
    /// A message takes up to so long.
    Slow(String, String, Duration),
    /// Of a thousand messages so many are lost, with all that is under way at that moment.
    Lossy(String, String, u32),
}

impl Trouble {
    /// Cuts between each of these and each of those, in both directions.
    pub(super) fn between<'a>(
        these: impl IntoIterator<Item = &'a String>,
        those: &'a [String],
    ) -> impl Iterator<Item = Trouble> {
        let all = these.into_iter().flat_map(|this| those.iter().map(move |that| (this.clone(), that.clone())));
        all.filter(|(this, that)| this != that)
            .flat_map(|(this, that)| [Trouble::Cut(this.clone(), that.clone()), Trouble::Cut(that, this)])
    }

    /// The two ends, in the order of their names.
    fn cable(&self) -> Cable {
        let (Trouble::Cut(a, b) | Trouble::Held(a, b) | Trouble::Slow(a, b, _) | Trouble::Lossy(a, b, _)) = self;
        if a < b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }
    }
}

/// Two machines, in the order of their names.
type Cable = (String, String);

/// Which trouble it is, among all that the run has had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TroubleId(u64);

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Network {
    /// The most that a message takes while nothing is wrong.
    usual: Duration,
    begun: u64,
    wrong: BTreeMap<TroubleId, Vec<Trouble>>,
}

impl Network {
    pub(super) fn new(usual: Duration) -> Self {
        Network { usual, begun: 0, wrong: BTreeMap::new() }
    }

    /// Something is wrong from here on.
    pub(super) fn begin(&mut self, sim: &mut Sim<'_>, troubles: Vec<Trouble>) -> TroubleId {
        let id = TroubleId(self.begun);
        self.begun += 1;
        let cables = cables(&troubles);
        self.wrong.insert(id, troubles);
        cables.iter().for_each(|cable| self.set(sim, cable));
        id
    }

    /// That is over.
    pub(super) fn end(&mut self, sim: &mut Sim<'_>, id: TroubleId) {
        let troubles = self.wrong.remove(&id).unwrap_or_default();
        cables(&troubles).iter().for_each(|cable| self.set(sim, cable));
    }

    /// Sets one cable to what is wrong with it now.
    fn set(&self, sim: &mut Sim<'_>, cable: &Cable) {
        let (a, b) = (cable.0.as_str(), cable.1.as_str());
        let wrong: Vec<_> = self.wrong.values().flatten().filter(|trouble| trouble.cable() == *cable).collect();
        let latency = wrong.iter().filter_map(|trouble| match trouble {
            Trouble::Slow(_, _, most) => Some(*most),
            _ => None,
        });
        sim.set_link_max_message_latency(a, b, latency.max().unwrap_or(self.usual));
        let is_held = wrong.iter().any(|trouble| matches!(trouble, Trouble::Held(..)));
        let is_cut = wrong.iter().any(|trouble| matches!(trouble, Trouble::Cut(..)));
        let loss = wrong.iter().filter_map(|trouble| match trouble {
            Trouble::Lossy(_, _, of_thousand) => Some(*of_thousand),
            _ => None,
        });
        // The simulator mends a cable when it has lost a message: one that is cut or held must not be mended so.
        let loss = if is_held || is_cut { 0 } else { loss.max().unwrap_or(0) };
        sim.set_link_fail_rate(a, b, f64::from(loss) / 1_000.0);
        if is_held {
            return sim.hold(a, b);
        }
        // Mends it, and lets go what was held.
        sim.release(a, b);
        for trouble in wrong {
            if let Trouble::Cut(from, to) = trouble {
                sim.partition_oneway(from.as_str(), to.as_str());
            }
        }
    }
}

/// Each cable once.
fn cables(troubles: &[Trouble]) -> Vec<Cable> {
    let mut cables: Vec<_> = troubles.iter().map(Trouble::cable).collect();
    cables.sort_unstable();
    cables.dedup();
    cables
}
