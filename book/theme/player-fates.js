'use strict';

// What the logs of a state of the view `replicas` say of producers and transactions, in words. No picture here.
//
// A record of a transaction does not say how it ends: a marker behind it does. So the fate of each follows from the log,
// and replicas that know more or less of it, or of what is committed, tell more or less:
//
//   open       no marker of its producer lies behind it
//   decided    one does, and is not committed, as far as this replica knows: it could yet be lost
//   aborted    it is never given to a reader of committed records
//   committed  it is, below the last stable offset
//
// One thing can be wrong: a transaction hangs. It is open in a partition, and no coordinator knows of it, so nobody will
// end it, and readers stand still before it.
(() => {
  const UNDECIDED = ['Ongoing', 'PrepareCommit', 'PrepareAbort'];

  const unique = list => [...new Set(list)];
  const all = words => words.join(', ').replace(/, ([^,]*)$/, ' and $1');
  const verdicts = () => window.StoryPlayer.verdicts;

  // The fate of each record that has one, by offset: { fate, marker }.
  function fates({ records, high_watermark: high }) {
    const [ends, told] = [new Map(), new Map()];
    for (const one of [...records].reverse()) {
      const marker = ends.get(one.producer);
      if (one.marker) {
        ends.set(one.producer, one);
      } else if (one.transactional) {
        told.set(one.offset, { marker, fate: !marker ? 'open' : marker.offset >= high ? 'decided' : marker.marker === 'abort' ? 'aborted' : 'committed' });
      }
    }
    return told;
  }

  // The batches of a log that say who sent them: { producer, epoch, base, last, first, until }, the last two its numbers.
  function batches({ records }) {
    const found = new Map();
    for (const one of records.filter(it => typeof it.producer === 'number')) {
      const same = found.get(one.base);
      found.set(one.base, { first: one.sequence, base: one.offset, ...same, producer: one.producer, epoch: one.producer_epoch, last: one.offset, until: one.sequence, marker: one.marker });
    }
    return [...found.values()];
  }

  const numbers = (first, last) => (first === last ? `${first}` : `${first}…${last}`);

  // Where a partition is looked at: its leader, or who knows most.
  const logOf = (state, at) => verdicts().leaderOf(state, at)
    || verdicts().replicas(state, at).reduce((a, b) => (a && a.high_watermark >= b.high_watermark ? a : b), null);

  const transactions = state => state.coordinators.flatMap(one => one.transactions.map(it => ({ ...it, broker: one.broker })));
  const isPrepared = one => one.state.startsWith('Prepare');
  const outcome = one => one.state.replace(/^(Prepare|Complete)/, '').toLowerCase();

  // Whether a partition has the marker of a transaction that is decided: 'no', 'written' or, if it stays there, 'has'.
  function markerOf(state, { producer, epoch }, at) {
    const log = logOf(state, at);
    const last = log && log.records.filter(one => one.producer === producer).pop();
    return !last || !last.marker || last.producer_epoch < epoch ? 'no' : last.offset < log.high_watermark ? 'has' : 'written';
  }

  // Transactions that are open in a partition, and that no coordinator knows: { at, offset, producer }.
  function hanging(state) {
    const known = transactions(state);
    const ats = known.length ? unique(state.brokers.flatMap(one => one.replicas.map(({ at }) => at))) : [];
    return ats.flatMap(at => {
      const leader = verdicts().leaderOf(state, at);
      const told = leader ? fates(leader) : new Map();
      const open = leader ? leader.records.filter(one => (told.get(one.offset) || {}).fate === 'open') : [];
      const first = open.filter((one, i) => open.findIndex(it => it.producer === one.producer) === i);
      return first.filter(one => !known.some(it => it.producer === one.producer && UNDECIDED.includes(it.state) && it.partitions.includes(at)))
        .map(({ offset, producer }) => ({ at, offset, producer }));
    });
  }

  const alarms = state => hanging(state).map(({ at, offset, producer }) =>
    `Hanging: since offset ${offset} of ${at} a transaction of producer ${producer} is open, and no coordinator knows of it. Nobody will end it, and readers of committed records wait there.`);

  // What is decided and not carried out, and what holds readers of committed records back.
  function lines(state, ats) {
    const decided = transactions(state).filter(isPrepared).map(one => {
      const missing = one.partitions.filter(at => markerOf(state, one, at) === 'no');
      return `${one.id} is decided: ${outcome(one)}. ${missing.length ? `There is no marker yet in ${all(missing)}.` : 'Each of its partitions has a marker.'}`;
    });
    const held = ats.flatMap(at => {
      const leader = verdicts().leaderOf(state, at);
      if (!leader || leader.last_stable >= leader.high_watermark) {
        return [];
      }
      const { fate, marker } = fates(leader).get(leader.last_stable) || {};
      const why = fate === 'decided' ? `the marker at offset ${marker.offset} is not committed yet` : 'there begins a transaction that is open';
      return [`In ${at}, readers of committed records get to offset ${leader.last_stable}: ${why}.`];
    });
    return [...decided, ...held];
  }

  // What readers of committed records are given of a log.
  function given(replica) {
    const told = fates(replica);
    return replica.records.filter(one => !one.marker && one.offset < replica.last_stable && (told.get(one.offset) || {}).fate !== 'aborted');
  }

  // What a replica knows of producers, and how its records stand.
  function inWords(replica) {
    const told = fates(replica);
    const known = replica.producers.map(one => `, producer ${one.id}: epoch ${one.epoch}, next ${one.next}, remembers ${
      one.batches.map(it => `${numbers(it.first, it.last)} at offset ${it.base}`).join(', ') || 'nothing'}`).join('');
    const of = one => (one.marker ? `${one.marker} marker` : `${(told.get(one.offset) || { fate: 'no transaction' }).fate}`);
    const spoken = told.size || replica.records.some(one => one.marker);
    const fate = spoken ? `, last stable offset ${replica.last_stable}${replica.records.map(one => `, offset ${one.offset}: ${of(one)}${
      one.marker || told.has(one.offset) ? ` of producer ${one.producer}` : ''}`).join('')}` : '';
    return `${fate}${known}`;
  }

  const coordinatorsInWords = state => transactions(state).map(one => `The coordinator of ${one.id} is ${one.broker === null ? 'nobody' : `broker ${one.broker}`}: ${one.state}, producer ${one.producer}, epoch ${one.epoch}${
    one.partitions.map(at => `, ${at}${isPrepared(one) ? { has: ' has its marker', written: ' has its marker, which is not committed', no: ' has no marker yet' }[markerOf(state, one, at)] : ''}`).join('')}.`);

  window.StoryPlayer.fates = { fates, batches, numbers, transactions, isPrepared, outcome, markerOf, hanging, alarms, lines, given, inWords, coordinatorsInWords };
})();
