//! What can go wrong, by name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fault {
    /// The cluster falls into two parts. Clients are on one side or on both.
    Partition,
    /// Nothing that a machine sends arrives, or nothing arrives that is sent to it.
    OneWay,
    /// A broker and the controller do not hear each other.
    CutFromController,
    /// Two brokers do not hear each other.
    CutFromPeer,
    /// A broker and the clients do not hear each other.
    CutFromClients,
    /// The controller hears nobody.
    ControllerCutOff,
    /// What a machine sends and gets takes long.
    Delay,
    /// Messages are lost, and connections with them.
    Loss,
    /// Messages stay on their way for a while, and arrive all at once.
    Hold,
    /// What is sent to a machine over the connections that it has stays on its way for a while. Connections that are made later pass it
    /// by: so a request arrives after the one that was sent in its place.
    OldConnections,
    /// A process of the cluster stands still for a while, and goes on.
    Pause,
    /// A broker's process dies.
    Kill,
    /// The controller's process dies.
    KillController,
    /// A leader dies just after a producer was told that its record is safe.
    KillAfterAck,
    /// A broker stops in order.
    Stop,
    /// A broker loses power.
    Power,
    /// Several brokers lose power at once.
    PowerOfSeveral,
    /// The controller loses power.
    PowerOfController,
    /// A broker loses power, and its disk.
    DiskLost,
    /// A broker dies, starts, and dies again before it is a member.
    RestartWhileFenced,
    /// A clock jumps, ahead or back.
    ClockJump,
    /// A disk is slow.
    SlowDisk,
    /// Another topic is made, and deleted again.
    OtherTopic,
    /// Leadership is to go to the preferred leader.
    PreferredElection,
    /// A partition's replicas are moved.
    Reassignment,
    /// A move of replicas is called off.
    CancelledMove,
    /// A machine with clients dies.
    ClientKill,
    /// Clients end in the middle of their work, and begin anew.
    ClientRestart,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 28] = [
        Fault::Partition,
        Fault::OneWay,
        Fault::CutFromController,
        Fault::CutFromPeer,
        Fault::CutFromClients,
        Fault::ControllerCutOff,
        Fault::Delay,
        Fault::Loss,
        Fault::Hold,
        Fault::OldConnections,
        Fault::Pause,
        Fault::Kill,
        Fault::KillController,
        Fault::KillAfterAck,
        Fault::Stop,
        Fault::Power,
        Fault::PowerOfSeveral,
        Fault::PowerOfController,
        Fault::DiskLost,
        Fault::RestartWhileFenced,
        Fault::ClockJump,
        Fault::SlowDisk,
        Fault::OtherTopic,
        Fault::PreferredElection,
        Fault::Reassignment,
        Fault::CancelledMove,
        Fault::ClientKill,
        Fault::ClientRestart,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Fault::Partition => "partition",
            Fault::OneWay => "one-way partition",
            Fault::CutFromController => "broker cut from controller",
            Fault::CutFromPeer => "broker cut from broker",
            Fault::CutFromClients => "broker cut from clients",
            Fault::ControllerCutOff => "controller cut off",
            Fault::Delay => "delay",
            Fault::Loss => "loss",
            Fault::Hold => "hold and release",
            Fault::OldConnections => "old connections held",
            Fault::Pause => "pause",
            Fault::Kill => "kill",
            Fault::KillController => "kill of controller",
            Fault::KillAfterAck => "kill after acknowledgement",
            Fault::Stop => "stop in order",
            Fault::Power => "power loss",
            Fault::PowerOfSeveral => "power loss of several",
            Fault::PowerOfController => "power loss of controller",
            Fault::DiskLost => "disk lost",
            Fault::RestartWhileFenced => "restart while fenced",
            Fault::ClockJump => "clock jump",
            Fault::SlowDisk => "slow disk",
            Fault::OtherTopic => "topic made and deleted",
            Fault::PreferredElection => "preferred election",
            Fault::Reassignment => "reassignment",
            Fault::CancelledMove => "reassignment called off",
            Fault::ClientKill => "kill of clients",
            Fault::ClientRestart => "restart of clients",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
