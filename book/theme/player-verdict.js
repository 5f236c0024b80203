'use strict';

// What a state of the view `replicas` means, in words. No picture here: everything is a function of a state.
//
// Three things can be wrong with a replicated log, and are told before all else:
//
//   lost    a producer was told that a record is safe, and no replica holds it that may be elected
//   forked  two replicas hold different records at one offset, and each knows that offset to be below its high watermark
//   unread  a consumer was given a record that its partition's leader does not hold
//
// Where all is well, the sentence tells why the high watermark stands where it stands: who has not got the next record,
// or who has it and has not said so yet.
//
// What a log says of transactions is in player-fates.js.
(() => {
  const { fates } = window.StoryPlayer;
  const QUOTED = 24; // the longest value that a sentence repeats

  // A state in which no list is left out.
  function whole(state) {
    const { time = null, controller = null, cuts = [], brokers = [], messages = [], acked = [], read = [], coordinators = [] } = state || {};
    const replica = one => ({ role: 'none', start: 0, end: 0, high_watermark: 0, flushed: 0, pending: null, last_stable: one.high_watermark || 0, producers: [], ...one,
      records: one.records || [], epochs: one.epochs || [], in_sync: one.in_sync || [],
      followers: (one.followers || []).map(it => ({ id: it.id, end: it.end ?? null })) });
    const partition = one => ({ leader: null, replicas: [], ...one, in_sync: one.in_sync || [], eligible: one.eligible || [] });
    const decided = controller || {};
    return { time, cuts, messages, acked, read, coordinators,
      controller: controller && { running: true, brokers: [], ...decided, partitions: (decided.partitions || []).map(partition) },
      brokers: brokers.map(one => ({ state: 'running', ...one, replicas: (one.replicas || []).map(replica) })) };
  }

  const partitions = ({ controller }) => (controller ? controller.partitions : []);
  const decision = (state, at) => partitions(state).find(one => one.at === at) || null;
  const replicas = (state, at) => state.brokers.flatMap(broker =>
    broker.replicas.filter(one => one.at === at).map(one => ({ ...one, id: broker.id, broker: broker.state })));
  const recordAt = (replica, offset) => replica.records.find(one => one.offset === offset) || null;
  const sameRecord = (a, b) => a.epoch === b.epoch && a.key === b.key && a.value === b.value;
  // Who serves, by the controller's word and its own.
  const leaderOf = (state, at) => {
    const { leader } = decision(state, at) || {};
    return replicas(state, at).find(one => one.id === leader && one.role === 'leader' && one.broker === 'running') || null;
  };
  // It leads by its own word alone: others have been told of a newer epoch.
  const isDeposed = (state, one) => one.role === 'leader' && (one.broker === 'running' || one.broker === 'paused') && (decision(state, one.at) || { leader: one.id }).leader !== one.id;
  // Whom a leader waits for: those in sync, and those that it asked to have in sync. Who is to leave counts until it is gone.
  const counted = leader => unique([...leader.in_sync, ...(leader.pending || [])]);

  const isCut = ({ cuts }, from, to) => cuts.some(one => one.from === `broker ${from}` && one.to === `broker ${to}`);
  const unique = list => [...new Set(list)];

  const all = words => words.join(', ').replace(/, ([^,]*)$/, ' and $1');
  const named = list => `broker${list.length === 1 ? '' : 's'} ${all(list.map(one => (one.broker === 'running' ? `${one.id}` : `${one.id} (${one.broker})`)))}`;
  const quote = value => {
    const text = `${value ?? '∅'}`;
    return `“${text.length > QUOTED ? `${text.slice(0, QUOTED - 1)}…` : text}”`;
  };
  const start = text => text[0].toUpperCase() + text.slice(1);

  // What is below a log's start was deleted by rule, which is no loss.
  const holds = (replica, { offset, value }) => offset < replica.start || (recordAt(replica, offset) || { value: NaN }).value === value;

  function lost(state) {
    return state.acked.filter(one => {
      const { in_sync = [], eligible = [] } = decision(state, one.at) || {};
      const heirs = replicas(state, one.at).filter(({ id }) => in_sync.includes(id) || eligible.includes(id));
      return heirs.length && !heirs.some(replica => holds(replica, one));
    });
  }

  // The offsets at which running replicas disagree on what is committed.
  function forks(state) {
    return unique(state.brokers.flatMap(one => one.replicas.map(({ at }) => at))).flatMap(at => {
      const live = replicas(state, at).filter(one => one.role !== 'none' && (one.broker === 'running' || one.broker === 'paused'));
      const offsets = unique(live.flatMap(one => one.records.map(({ offset }) => offset))).sort((a, b) => a - b);
      return offsets.flatMap(offset => {
        const sides = live.filter(one => offset < one.high_watermark && recordAt(one, offset)).map(one => ({ id: one.id, record: recordAt(one, offset) }));
        return sides.some(one => !sameRecord(one.record, sides[0].record)) ? [{ at, offset, sides }] : [];
      });
    });
  }

  function unread(state) {
    return state.read.filter(one => {
      const leader = leaderOf(state, one.at);
      return leader && !holds(leader, one);
    });
  }

  const more = list => (list.length > 1 ? ` (And ${list.length - 1} more.)` : '');

  function alarms(state) {
    const [gone, split, unsaid] = [lost(state), forks(state), unread(state)];
    const told = [];
    if (gone.length) {
      const [one] = gone;
      const keepers = replicas(state, one.at).filter(replica => recordAt(replica, one.offset) && holds(replica, one));
      told.push(`Lost: the producer was told that ${quote(one.value)} at offset ${one.offset} is safe, and no in-sync replica holds it.${
        keepers.length ? ` Only ${named(keepers)} ${keepers.length > 1 ? 'have' : 'has'} it, out of sync.` : ''}${more(gone)}`);
    }
    if (split.length) {
      const [{ offset, sides }] = split;
      const kinds = sides.filter((one, i) => sides.findIndex(other => sameRecord(other.record, one.record)) === i);
      const side = kind => {
        const holders = sides.filter(one => sameRecord(one.record, kind.record)).map(one => ({ ...one, broker: 'running' }));
        return `${named(holders)} ${holders.length > 1 ? 'hold' : 'holds'} ${quote(kind.record.value)} of epoch ${kind.record.epoch}`;
      };
      told.push(`A fork: at offset ${offset} ${all(kinds.map(side))}, and each counts it as committed.${more(split)}`);
    }
    if (unsaid.length && !gone.length) {
      told.push(`A consumer was given ${quote(unsaid[0].value)} at offset ${unsaid[0].offset}, and the leader does not hold it.${more(unsaid)}`);
    }
    return [...told, ...fates.alarms(state)];
  }

  // Why the high watermark stands where it stands, and who has not noticed that it leads no more.
  function reason(state, at) {
    const decided = decision(state, at);
    const deposed = replicas(state, at).filter(one => isDeposed(state, one));
    const leader = leaderOf(state, at);
    const said = leader ? standing(state, at, leader) : vacant(state, decided);
    return `${said}${deposed.length ? ` ${start(named(deposed))} ${deposed.length > 1 ? 'believe that they lead' : 'believes that it leads'}.` : ''}`;
  }

  function vacant(state, decided) {
    const chosen = decided && state.brokers.find(one => one.id === decided.leader);
    const why = chosen && (chosen.state === 'running' ? 'does not lead yet' : `is ${chosen.state}`);
    return chosen ? `The controller’s record names broker ${chosen.id} as leader, and it ${why}.` : 'Nobody leads: nothing is written or read.';
  }

  function standing(state, at, leader) {
    const { end, high_watermark: high } = leader;
    const followers = replicas(state, at).filter(one => one.id !== leader.id && counted(leader).includes(one.id));
    const why = high < end ? waiting(state, leader, followers) : spreading(state, leader, followers);
    return end === leader.start ? 'The log is empty.' : `The high watermark is ${high}: ${why}.`;
  }

  // Who lacks the next record, or has it and has not said so.
  function waiting(state, leader, followers) {
    const next = leader.high_watermark;
    const heard = id => (leader.followers.find(one => one.id === id) || { end: null }).end;
    const behind = followers.filter(one => (heard(one.id) ?? -1) <= next);
    const [silent, without] = [behind.filter(one => one.end > next), behind.filter(one => one.end <= next)];
    const mute = silent.some(one => isCut(state, one.id, leader.id) || one.broker !== 'running');
    const fetch = `${silent.length > 1 ? 'their' : 'its'} next fetch${mute ? ', which does not come' : ''}`;
    const lacks = `${named(without)} ${without.length > 1 ? 'do' : 'does'} not have offset ${next} yet`;
    if (!silent.length) {
      return without.length ? lacks : `offset ${next} is not committed yet`;
    }
    return without.length ? `${lacks}. ${start(named(silent))} ${silent.length > 1 ? 'have' : 'has'} it, and the leader learns that from ${fetch}`
      : `every in-sync replica has offset ${next}, but the leader does not know that of ${named(silent)} until ${fetch}`;
  }

  // Who does not know yet that all is committed.
  function spreading(state, leader, followers) {
    const late = followers.filter(one => one.broker === 'running' && one.high_watermark < leader.high_watermark);
    const [down, deaf] = [followers.filter(one => one.broker !== 'running'), late.filter(one => isCut(state, leader.id, one.id))];
    const [say, learn] = late.length > 1 ? ['say', 'learn'] : ['says', 'learns'];
    const how = !deaf.length ? `, and ${learn} it from the answer to the next fetch`
      : `: the leader’s answers do not reach ${deaf.length < late.length ? named(deaf) : late.length > 1 ? 'them' : 'it'}`;
    if (late.length) {
      return `all is committed. But ${named(late)} still ${say} ${all(unique(late.map(one => one.high_watermark)))}${how}`;
    }
    return down.length ? `all is committed. ${start(named(down))} still ${down.length > 1 ? 'count' : 'counts'} as in sync`
      : followers.length ? 'all is committed, and every in-sync replica knows it' : 'all is committed, for nobody else is in sync';
  }

  // The sentence on top of a picture: { tone: 'wrong' | 'waits' | 'well', lines }.
  function verdict(state) {
    const told = alarms(state);
    if (told.length) {
      return { tone: 'wrong', lines: told };
    }
    const known = partitions(state);
    const isSettled = ({ at }) => {
      const leader = leaderOf(state, at);
      return leader && replicas(state, at).every(one => !counted(leader).includes(one.id) || (one.end === leader.end && one.high_watermark === leader.end));
    };
    const open = fates.lines(state, known.map(({ at }) => at));
    // Where transactions are told of, partitions are not in which all is committed.
    const quiet = open.length > 0 || (known.length > 1 && state.coordinators.length > 0);
    const isQuiet = ({ at }) => {
      const leader = leaderOf(state, at);
      return leader && leader.high_watermark === leader.end && !replicas(state, at).some(one => isDeposed(state, one));
    };
    const spoken = quiet ? known.filter(one => !isQuiet(one)) : known;
    const lines = spoken.map(({ at }) => (known.length > 1 ? `${at}: ${reason(state, at)}` : reason(state, at)));
    const settled = known.every(isSettled);
    const none = known.length ? 'In each partition all is committed, and decided.' : 'Nothing is there yet.';
    return { tone: settled && !open.length ? 'well' : 'waits', lines: lines.length + open.length ? [...open, ...lines] : [none] };
  }

  // All that a picture shows.
  function inWords(state) {
    const list = ids => ids.join(', ') || 'nobody';
    const log = one => `${one.end > one.start ? `offsets ${one.start} to ${one.end - 1}` : 'empty'}, end ${one.end}, high watermark ${one.high_watermark}, flushed to ${one.flushed}`;
    const heard = one => one.followers.map(it => `, heard of broker ${it.id}: ${it.end ?? 'nothing'}`).join('');
    const where = (list, words) => (list.length ? [`${words}: ${list.map(one => `${quote(one.value)} at offset ${one.offset}`).join(', ')}.`] : []);
    return [
      ...verdict(state).lines,
      ...partitions(state).map(one => `${one.at}: leader ${one.leader ?? 'none'}, leader epoch ${one.leader_epoch}, in sync ${list(one.in_sync)}.`),
      ...state.brokers.map(broker => `Broker ${broker.id}, ${broker.state}: ${broker.replicas.map(one => (
        `${one.at} ${one.role === 'none' ? 'waits to be told' : `${one.role} in epoch ${one.leader_epoch}`}, ${log(one)}${one.role === 'leader' ? heard(one) : ''}${fates.inWords(one)}`)).join('; ') || 'no replica'}.`),
      ...fates.coordinatorsInWords(state),
      ...state.cuts.map(one => `Nothing gets from ${one.from} to ${one.to}.`),
      ...state.messages.slice(-8).map(one => `${start(one.from)} to ${one.to}: ${one.what}${one.lost ? ', lost' : ''}.`),
      ...where(state.acked, 'Acknowledged'), ...where(state.read, 'Read'),
    ].join(' ');
  }

  window.StoryPlayer.verdicts = { whole, decision, replicas, recordAt, sameRecord, leaderOf, isDeposed, lost, forks, unread, verdict, inWords };
})();
