'use strict';

// The view `replicas` of the story player: a cluster, and how a record becomes committed.
//
//   The high watermark is 1: broker 3 does not have offset 1 yet.        what the state means: player-verdict.js
//   controller   leader 1 · leader epoch 0
//   transactions pay-1  Ongoing › [PrepareCommit] › …      who decides over transactions: player-producers.js
//   broker 1     [paid 10 ⚑ paid 20 ▐ LEO 2       ▲ [fetch from 1]       a lane for a machine: player-lanes.js
//   broker 2     [paid 10 ▐ LEO 1                 │ ▼ [1 record]         what each says, and to whom: player-said.js
//   broker 3     [paid 10 ▐ LEO 1
//   client       [✓ paid 10]
//
// One offset is one column, in all lanes and for all steps, so that logs can be compared by running down a column. What is
// wrong marks its column. What a step moved comes from where it was, and leaves a trail.
(() => {
  const { views, svg, parts, verdicts, fates } = window.StoryPlayer;
  const { SMALL, text } = parts;
  const { ROW, measure, replica, told, depth } = parts.lanes;
  const senders = parts.producers;
  const { wrap, chips, said } = parts.said;
  const { whole, decision, leaderOf, isDeposed, lost, forks, unread, verdict, inWords } = verdicts;

  const EPOCHS = [250, 75, 320, 165, 120, 285]; // a hue for each leader epoch, none near the red of an alarm
  const WIDTH = [46, 120]; // the least and the greatest width of a record,
  const NUMBERED = 62; // and the least of one whose producer is told
  const PANEL = 162; // the width of what stands left of a log,
  const NARROW = 48; // and of what is left there when the rest stands above it
  const END = 62; // the room right of a log, for the name of its end,
  const WAYS = 36; // and for arrows that pass there
  const SAID = 250; // the least room for messages beside a log
  const APART = 20; // the space between lanes, for what lies between machines,
  const PAD = 7; // and inside them
  const LINE = 16; // the height of a line of words,
  const HEAD = 18; // of a name above a log,
  const SENTENCE = 19; // and of a line of the verdict,
  const SAYING = 7.1; // of which a character is so wide
  const NAME = 7.8; // and one of a name so

  const most = numbers => numbers.reduce((a, b) => Math.max(a, b), 0);
  const unique = list => [...new Set(list)];
  const replicasOf = states => states.flatMap(state => state.brokers.flatMap(one => one.replicas));

  // Widths. Messages stand beside the logs if there is the room. The columns are all offsets that the story ever names.
  function acrossOf(states, asked, least) {
    const logs = replicasOf(states);
    const clients = states.flatMap(state => [...state.acked, ...state.read]);
    const first = logs.length ? Math.min(...logs.flatMap(one => [one.start, ...one.records.map(it => it.offset)])) : 0;
    const heard = logs.flatMap(one => one.followers.map(it => it.end ?? 0));
    const beyond = most([...logs.flatMap(one => [one.end, one.high_watermark]), ...heard, ...clients.map(one => one.offset + 1), first + 1]);
    const columns = beyond - first;
    const aside = asked >= PANEL + columns * least + END + SAID;
    const left = aside ? PANEL : NARROW;
    const share = (asked - left - END - (aside ? SAID : WAYS)) / columns;
    const cell = Math.floor(Math.max(least, Math.min(WIDTH[1], share)));
    const x = offset => left + Math.min(Math.max(offset - first, 0), columns) * cell;
    return { asked, aside, left, first, beyond, cell, x, width: Math.max(asked, x(beyond) + END), zone: asked - x(beyond) - END };
  }

  // Heights, from top to bottom. Returns that of all.
  function stack(plan) {
    const { states, lanes, aside, asked, ats } = plan;
    plan.single = ats.length === 1;
    plan.head = plan.single && aside ? 0 : plan.single && asked < 420 ? 2 * LINE : HEAD;
    plan.sentence = most(states.map(state => sentences(plan, state).length)) * SENTENCE + 12;
    const label = plan.single ? 0 : HEAD;
    Object.assign(plan, measure(plan));
    const above = name => ats.slice(0, ats.indexOf(name)).reduce((sum, it) => sum + label + plan.block(it), 0);
    const fenced = states.some(state => othersIn(state));
    const filled = states.map(state => chips(plan, state).filled);
    const bodies = {
      controller: () => Math.max(aside ? 2 * LINE : 0, (aside ? 0 : HEAD) + (2 * ats.length + (fenced ? 1 : 0)) * LINE),
      transactions: one => senders.room(plan, one.ids.length),
      broker: () => plan.head + ats.reduce((sum, it) => sum + label + plan.block(it), 0),
      client: one => Math.max(aside ? 0 : HEAD, ['acked', 'read'].reduce((sum, kind) => sum + (one[kind] ? one[kind] * ROW + 5 + (aside ? 0 : LINE) : 0), 0)),
    };
    plan.topOf = name => PAD + plan.head + above(name) + label;
    let y = plan.sentence + 12;
    for (const lane of lanes) {
      const body = Math.max(bodies[lane.kind](lane), LINE);
      const talk = most(filled.map(one => one.get(lane) || 0));
      Object.assign(lane, { y, chips: aside ? PAD : PAD + body + 2, h: 2 * PAD + (aside ? Math.max(body, talk - 4) : body + talk) });
      y += lane.h + APART;
    }
    return y - APART + 4;
  }

  const sentences = (plan, state) => verdict(state).lines.flatMap(line => wrap(line, Math.floor((plan.asked - 44) / SAYING)));

  // The sentence on top.
  function judged(plan, state, before) {
    const { tone } = verdict(state);
    const lines = sentences(plan, state);
    const fresh = before && `${sentences(plan, before)}` !== `${lines}` ? 'follows' : '';
    const top = (plan.sentence - lines.length * SENTENCE) / 2 + 14;
    return svg('g', { class: `verdict ${tone} stays` }, svg('rect', { x: 0.5, y: 0.5, width: plan.asked - 1, height: plan.sentence - 1, rx: 6 }),
      svg('g', { class: fresh }, text('sign', 14, top, { wrong: '✕', waits: '…', well: '✓' }[tone]),
        lines.map((line, i) => text('', 34, top + i * SENTENCE, line))));
  }

  // Words, [now, before, class], of which those that the step changed are marked. They stand closer where there is little room.
  const crowded = (words, room) => room < SMALL * words.filter(([now]) => now).map(([now]) => now).join(' · ').length;
  const changing = (x, y, words, room) => svg('text', { x, y, textLength: crowded(words, room) && room, lengthAdjust: 'spacingAndGlyphs' }, words.filter(([now]) => now).flatMap(([now, was, cls = ''], i) => [
    i ? ' · ' : '', svg('tspan', { class: `${cls} ${was && was !== now ? 'changed' : ''}` }, now)]));

  const list = ids => ids.join(', ') || 'nobody';
  const clock = ({ time }) => (time === null ? '' : `at ${time / 1000} s`);
  const othersIn = ({ controller }) => (controller ? ['fenced', 'stopping'] : []).map(kind => [kind, controller.brokers.filter(one => one.state === kind).map(one => one.id)])
    .filter(([, ids]) => ids.length).map(([kind, ids]) => `${kind} ${list(ids)}`).join(', ');

  // The record of the partition, by which everybody goes.
  function controller({ aside, asked, ats, single }, lane, state, before) {
    const words = (told, name) => {
      const one = told && decision(told, name);
      return one ? [[single ? '' : name, one.leader === null || one.leader < 0 ? 'no leader' : `leader ${one.leader}`, `leader epoch ${one.leader_epoch}`],
        [`in sync ${list(one.in_sync)}`, one.eligible.length ? `eligible ${list(one.eligible)}` : '', `partition epoch ${one.partition_epoch ?? '?'}`]] : [[], []];
    };
    const lines = ats.flatMap(name => words(state, name).map((line, i) => line.map((it, k) => [it, words(before, name)[i][k]])));
    const down = !state.controller || !state.controller.running ? 'not running' : clock(state);
    const top = PAD + 12 + (aside ? 0 : HEAD);
    return svg('g', { class: 'stays' }, text('name', 12, PAD + 12, lane.name), aside ? text('', 12, PAD + 28, down) : text('', asked - 12, PAD + 12, down, 'end'),
      [...lines, [[othersIn(state), before && othersIn(before)]]].map((line, i) => changing(aside ? PANEL : 12, top + i * LINE, line, asked - 24)));
  }

  // What the controller's record, and a leader that wants another, say of a replica.
  function membership(state, id, name) {
    const [decided, leader] = [decision(state, name), leaderOf(state, name)];
    const is = Boolean(decided) && decided.in_sync.includes(id);
    const asked = leader && leader.pending ? leader.pending.includes(id) : is;
    return [`${is ? '● in sync' : '○ not in sync'}${asked === is ? '' : is ? ', to leave?' : ', to join?'}`, is ? 'in' : 'out'];
  }

  const roleOf = (state, broker, one) => [one.role === 'none' ? 'waits' : isDeposed(state, { ...one, id: broker.id, broker: broker.state }) ? 'leader?' : one.role, `epoch ${one.leader_epoch ?? '?'}`];
  const find = (broker, name) => (broker && broker.replicas.find(one => one.at === name)) || null;

  function panel({ aside, asked, single, head, topOf, flag, pins }, lane, now, past, state, before) {
    const after = 12 + lane.name.length * NAME + 8;
    const badge = now.state === 'running' ? 0 : now.state.length * SMALL + 12;
    const roles = now.replicas.map(one => {
      const was = find(past, one.at);
      const role = roleOf(state, now, one).map((it, i) => [it, was && roleOf(before, past, was)[i], one.role === 'leader' ? 'role leading' : 'role']);
      const [words, cls] = membership(state, lane.id, one.at);
      const member = [words, was && membership(before, lane.id, one.at)[0], cls];
      const top = topOf(one.at);
      if (!single) {
        const tight = role.map(it => (asked < 420 ? it.map(word => word && word.replace(/^epoch /, 'e')) : it));
        return changing(12, top - 5, [[one.at], ...tight, member], asked - 20);
      }
      return aside ? [changing(12, top + flag + 10, role), changing(12, top + flag + 27, [member])]
        : head > HEAD ? changing(12, PAD + 28, [...role, member], asked - 20) : changing(after + (badge ? badge + 8 : 0), PAD + 12, [...role, member]);
    });
    const leads = aside ? now.replicas.filter(one => one.role === 'leader') : [];
    return svg('g', { class: 'panel stays' }, text('name', 12, PAD + 12, lane.name),
      badge > 0 && svg('g', { class: `badge ${past && past.state !== now.state ? 'fresh' : ''}` },
        svg('rect', { x: after, y: PAD, width: badge, height: 16, rx: 8 }), text('', after + 6, PAD + 12, now.state)),
      svg('g', { class: 'roles' }, roles.flat(), leads.flatMap(one => ['known ends:', 'the least is HW'].map((it, i) => text('', 12, topOf(one.at) + pins - 7 + i * 13, it)))));
  }

  // How far another lane is, by its kind or its broker.
  function away({ lanes }, lane, which) {
    const other = lanes.find(one => one.kind === which || (one.id === which && which));
    return other ? other.y - lane.y : 0;
  }

  function broker(plan, lane, state, before, wrong) {
    const [now, past] = [state, before].map(one => (one ? one.brokers.find(it => it.id === lane.id) : null));
    if (!now) {
      return [text('name', 12, PAD + 12, lane.name)];
    }
    const own = one => one && { ...one, own: lane.id };
    return [...now.replicas.map(one => {
      const leader = leaderOf(state, one.at);
      const heard = leader && leader.id !== lane.id && leader.followers.find(other => other.id === lane.id);
      const here = list => list.filter(it => it.at === one.at);
      const member = (decision(state, one.at) || { in_sync: [] }).in_sync.includes(lane.id);
      return replica(plan, own(one), own(find(past, one.at)), plan.topOf(one.at), heard, {
        forked: here(wrong.forks).filter(it => it.sides.some(side => side.id === lane.id)).map(it => it.offset),
        missing: member ? here(wrong.lost).map(it => it.offset) : [],
      }, away(plan, lane, leader && (leader.id === lane.id ? 'client' : leader.id)));
    }), panel(plan, lane, now, past, state, before)];
  }

  // What clients were told.
  function client(plan, lane, state, before, wrong) {
    let y = PAD;
    const row = (kind, label, sign) => {
      if (!lane[kind]) {
        return [];
      }
      const head = text(plan.aside ? '' : 'name stays', 12, y + 12, label);
      y += plan.aside ? 0 : LINE;
      const leader = kind === 'read' && plan.single && leaderOf(state, plan.ats[0]);
      const nodes = told(plan, state[kind], before ? before[kind] : [], y, kind, sign, kind === 'read' ? wrong.unread : wrong.lost, leader ? away(plan, lane, leader.id) : 0);
      y += lane[kind] * ROW + 5;
      return [head, ...nodes];
    };
    const [{ isolation } = {}] = state.read;
    const readers = isolation ? `${isolation}` : 'consumers read';
    const name = lane.acked || lane.read ? null : text('name', 12, PAD + 12, lane.name);
    return [...row('acked', 'acknowledged', '✓'), ...row('read', readers, '▸'), name];
  }

  // A column in which something is wrong, below what stands in it.
  function column({ x, cell, lanes }, offset) {
    const [first, last] = [lanes.find(one => one.kind === 'broker'), lanes[lanes.length - 1]];
    return svg('rect', { class: 'column', x: x(offset) - 1, y: first.y - 8, width: cell + 2, height: last.y + last.h - first.y + 12, rx: 5 });
  }

  // A lane: its room, which is below all that moves in any, and what stands in it.
  function machine(plan, lane, state, before, wrong) {
    const now = state.brokers.find(one => one.id === lane.id);
    const down = lane.kind === 'broker' && (!now || now.state === 'crashed' || now.state === 'stopped');
    const leads = !down && now && now.replicas.some(one => one.role === 'leader' && !isDeposed(state, { ...one, id: lane.id, broker: now.state }));
    const attributes = cls => ({ class: `${cls} ${lane.kind} ${leads ? 'leads' : ''} ${down ? 'down' : ''}`, transform: `translate(0 ${lane.y})`, 'data-lane': lane.name });
    return {
      room: svg('g', attributes('room'), svg('rect', { x: 0.5, y: 0.5, width: plan.width - 1, height: lane.h - 1, rx: 7 }),
        leads && svg('path', { class: 'crown', d: `M3 8V${lane.h - 8}` })),
      content: svg('g', attributes('machine'), { controller, transactions: senders.coordinator, broker, client }[lane.kind](plan, lane, state, before, wrong)),
    };
  }

  // The edges of what the step changed in the logs.
  function touched({ x }, state, before) {
    const pairs = before ? state.brokers.flatMap(one => one.replicas.map(now => [now, find(before.brokers.find(it => it.id === one.id), now.at)])) : [];
    const at = pairs.filter(([, was]) => was).flatMap(([now, was]) =>
      ['end', 'high_watermark'].filter(name => now[name] !== was[name]).flatMap(name => [x(now[name]), x(was[name])]));
    return at.length ? [Math.min(...at), Math.max(...at) + END] : null;
  }

  // What a story tells of producers: whether any number their records, whether there are transactions, who is remembered in
  // which partition.
  function numberingOf(states) {
    const logs = replicasOf(states);
    const records = logs.flatMap(one => one.records);
    const txn = records.some(one => one.transactional || one.marker) || states.some(one => one.coordinators.length);
    const numbered = txn || logs.some(one => one.producers.length) || records.some(one => typeof one.producer === 'number');
    const ids = new Map();
    for (const { at, producers } of logs) {
      ids.set(at, unique([...(ids.get(at) || []), ...producers.map(one => one.id)]).sort((a, b) => a - b));
    }
    return { txn, numbered, rows: at => ids.get(at) || [] };
  }

  function draw(plan, step) {
    const { id, states, lanes } = plan;
    const [state, before] = [states[step], states[step - 1]];
    const wrong = { lost: lost(state), forks: forks(state), unread: unread(state), hanging: fates.hanging(state) };
    const offsets = unique([...wrong.lost, ...wrong.forks, ...wrong.unread, ...wrong.hanging].map(one => one.offset));
    const machines = lanes.map(lane => machine(plan, lane, state, before, wrong));
    return {
      nodes: [parts.textures(id), judged(plan, state, before), ...machines.map(one => one.room),
        ...offsets.map(offset => column(plan, offset)), ...machines.map(one => one.content), said(plan, state)],
      text: inWords(state),
      focus: touched(plan, state, before),
    };
  }

  views.replicas = (trace, asked, id) => {
    const states = trace.steps.map(step => whole(step.state));
    const ats = unique(replicasOf(states).map(one => one.at)).sort();
    const ids = unique(states.flatMap(state => state.brokers.map(one => one.id))).sort((a, b) => a - b);
    const epochs = unique(replicasOf(states).flatMap(one => one.records.map(({ epoch }) => epoch))).sort((a, b) => a - b);
    const [acked, read] = ['acked', 'read'].map(kind => most(states.map(state => depth(state[kind]))));
    const [numbering, txns] = [numberingOf(states), senders.idsOf(states)];
    const talks = states.some(state => state.messages.some(({ from, to }) => from.startsWith('client') || to.startsWith('client')));
    const lanes = [
      ...(states.some(state => state.controller) ? [{ kind: 'controller', name: 'controller' }] : []),
      ...(txns.length ? [{ kind: 'transactions', name: 'transactions', ids: txns }] : []),
      ...ids.map(one => ({ kind: 'broker', name: `broker ${one}`, id: one })),
      ...(acked || read || talks ? [{ kind: 'client', name: 'client', acked, read }] : []),
    ];
    const plan = { id, states, ats, lanes, panel: PANEL, ...numbering, hues: new Map(epochs.map((epoch, i) => [epoch, EPOCHS[i % EPOCHS.length]])), ...acrossOf(states, asked, numbering.numbered ? NUMBERED : WIDTH[0]) };
    const height = stack(plan);
    const hasRecords = state => replicasOf([state]).some(one => one.end > 0);
    const opening = [hasRecords, state => replicasOf([state]).length].map(shows => states.findIndex(shows)).find(at => at >= 0);
    return { width: plan.width, height, legend: legend(plan, epochs), opening, draw: step => draw(plan, step) };
  };

  // What the pictures of this story hold.
  function legend(plan, epochs) {
    const { states, hues } = plan;
    const logs = replicasOf(states);
    const rect = (attributes, ...nodes) => svg('g', attributes, svg('rect', { x: 1, y: 1, width: 24, height: 14, rx: 3 }), nodes);
    const record = (cls, epoch) => rect({ class: `record ${cls}`, style: `--key:${hues.get(epoch) ?? EPOCHS[0]}` });
    const pin = cls => svg('g', { class: `pin ${cls}` }, svg('circle', { cx: 13, cy: 8, r: 7 }), text('', 13, 12, '2', 'middle'));
    const high = svg('g', { class: 'flag high' }, svg('rect', { class: 'committed', x: 0, width: 14, height: 16 }), svg('path', { d: 'M14 0V16' }),
      svg('path', { class: 'cloth', d: 'M14 0h11l-3 4l3 4H14z' }));
    const belief = svg('g', { class: 'belief' }, svg('path', { class: 'gap', d: 'M8 6H26' }), svg('path', { class: 'tip', d: 'M8 3l5 9h-10z' }));
    return parts.legend([
      ...epochs.slice(0, 8).map(epoch => [true, record('', epoch), `written in leader epoch ${epoch}`]),
      [logs.some(one => one.records.some(it => it.offset >= one.high_watermark)), record('loose', epochs[0]), 'not committed, as far as this replica knows'],
      [true, high, 'HW, the high watermark that this replica knows: all below it is committed'],
      [true, svg('g', { class: 'leo' }, svg('path', { d: 'M13 0V16' })), 'LEO, the log end offset: the next record goes here'],
      [true, pin(''), 'the end of broker 2’s log, as its leader heard. HW is the least of those in sync'],
      [logs.some(one => one.followers.some(it => !one.in_sync.includes(it.id))), pin('out'), 'of a broker that is not in sync, or was not heard of'],
      [true, belief, 'there, the leader believes, this log ends'],
      [logs.some(one => one.flushed > one.start), svg('g', { class: 'disk' }, svg('path', { d: 'M2 8H22' }), svg('path', { class: 'stop', d: 'M22 3v10' })), 'flushed: on disk'],
      [states.some(state => state.cuts.length), svg('g', { class: 'wall' }, svg('rect', { class: 'bar', x: 1, y: 5, width: 24, height: 6 })), 'nothing gets through here'],
      [states.some(state => lost(state).length || forks(state).length || unread(state).length), rect({ class: 'alarm' }), 'something is wrong at this offset'],
      ...senders.legend(plan),
      [true, record('fresh', epochs[0]), 'added by this step'],
      [true, record('ghost', epochs[0]), 'removed by this step'],
    ]);
  }
})();
