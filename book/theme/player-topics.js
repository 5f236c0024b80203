'use strict';

// The view `topics` of the story player: producers, the partitions of their topics, and consumers.
//
//   producer p1 · sticky   ▓▓▓▓░░ 300 of 1000 B
//             in memory             in the log
//   orders-0  [→ 75 B][82 B ✎   →   [95 B      ][75 B]  end 3
//             [x     ][alice        [alice][bob][x   ]
//                                      0     1    2
//                                         ▏c1 next 1
//
// A row is a partition. The batches that a producer holds for it stand left of its log, or above it where there is not the
// room. Everywhere older is left of newer. A row, a queue and an offset have one place for all steps; only a queue moves
// up by what has left it.
(() => {
  const { views, svg, parts } = window.StoryPlayer;
  const { SMALL, LANE, LABEL, TICKS, OPEN, text, title, count } = parts;

  const BROAD = 560; // the width from which a queue stands left of its log
  const CELL = [34, 78]; // the least and the greatest width of a record,
  const NARROW = 42; // and the least where the picture scrolls soon anyway
  const GAUGE = 72; // the width of a full memory
  const ARROW = 34; // the space between a queue and its log,
  const APART = 8; // between what belongs to one row,
  const BETWEEN = 16; // between rows
  const HEADER = 24; // the height of a producer's line

  const most = numbers => numbers.reduce((a, b) => Math.max(a, b), 0);
  const find = (list, name) => list.find(one => one.name === name) || null;
  const records = batches => batches.flatMap(one => one.records);
  const isFull = buffer => Boolean(buffer) && (buffer.waiting > 0 || buffer.used >= buffer.limit);
  const memory = ({ used, limit, waiting }) => `${used} of ${limit} B${waiting ? `, ${count(waiting, 'send waits', 'sends wait')}` : used >= limit ? ', full' : ''}`;
  const topicOf = name => name.replace(/-\d+$/, '');

  // A state in which no list is left out. A partition has its full name, and a producer one queue of batches.
  function whole(state) {
    const { producers = [], topics = [], consumers = [] } = state || {};
    const batches = (list, flying) => (list || []).map(one => ({ records: [], ...one, flying }));
    return {
      producers: producers.map(one => ({ ...one, queue: [...batches(one.in_flight, true), ...batches(one.waiting, false)] })),
      partitions: topics.flatMap(topic => topic.partitions.map(one => (
        { start: 0, end: 0, ...one, name: `${topic.name}-${one.index}`, batches: batches(one.batches) }))),
      consumers: consumers.map(one => ({ positions: {}, buffered: {}, paused: [], ...one })),
    };
  }

  // A queue loses batches at its head and grows at its tail, and only an open batch takes more records. So the batches that
  // left are the fewest that explain the rest.
  function howManyLeft(past, now) {
    const same = (it, other) => other && it.key === other.key && it.value === other.value;
    const may = (one, into) => into && (one.records.length === into.records.length || !(one.closed || one.flying));
    const became = (one, into) => may(one, into) && one.records.every((it, i) => same(it, into.records[i]));
    return [...past.keys(), past.length].find(k => past.slice(k).every((one, i) => became(one, now[i])));
  }

  // The queues of the story, of one producer for one partition each, and for each step the batches that left, those that
  // are there, and how many records each of these had before.
  function queuesOf(states) {
    const all = new Map();
    for (const { name, queue } of states.flatMap(state => state.producers)) {
      queue.forEach(({ at }) => all.set(`${name} ${at}`, { name, at }));
    }
    return [...all.values()].map(({ name, at }) => {
      const held = state => (state ? (find(state.producers, name) || { queue: [] }).queue.filter(one => one.at === at) : []);
      const steps = states.map((state, step) => {
        const [past, now] = [held(states[step - 1]), held(state)];
        const k = howManyLeft(past, now);
        return { gone: past.slice(0, k), now: now.map((one, i) => ({ ...one, had: past[k + i] ? past[k + i].records.length : 0 })) };
      });
      return { name, at, steps, cells: most(steps.map(({ gone, now }) => records([...gone, ...now]).length)) };
    });
  }

  function producersOf(states) {
    const all = states.flatMap(state => state.producers);
    return [...new Map(all.map(one => [one.name, one])).values()].map(({ name, partitioner }) => ({ name,
      words: `producer ${name}${partitioner ? ` · ${partitioner}` : ''}`, measured: all.some(one => one.name === name && one.buffer) }));
  }

  // The rows of the story from top to bottom: topics as they came, and the partitions of each in order.
  function rowsOf(states, queues) {
    const seen = states.flatMap(state => state.partitions);
    const names = [...new Set([...seen, ...queues.map(one => ({ name: one.at }))].map(one => one.name))];
    const topics = names.map(topicOf);
    const place = name => topics.indexOf(topicOf(name)) * 1e6 + Number(name.slice(topicOf(name).length + 1));
    return names.sort((a, b) => place(a) - place(b)).map(name => {
      const versions = seen.filter(one => one.name === name);
      const first = Math.min(...versions.flatMap(one => [one.start, ...one.batches.map(it => it.base)]));
      return { name, first, end: most(versions.map(one => one.end)), queues: queues.filter(one => one.at === name) };
    });
  }

  // Widths, from left to right. Where all does not fit beside each other, a queue stands above its log, and a name above
  // either. A record is as wide as the room allows, and the picture wider than the room if it must.
  function acrossOf({ rows, queues, all }, asked) {
    const [held, kept] = [most(queues.map(one => one.cells)), most(rows.map(one => one.end - one.first))];
    const names = most(rows.map(one => one.name.length)) * SMALL + 14;
    const right = OPEN + `end ${most(rows.map(one => one.end))}`.length * SMALL + 2;
    const between = queues.length ? OPEN + ARROW : 0;
    const broad = asked >= BROAD && names + between + right + (held + kept) * CELL[0] <= asked;
    const aside = broad && queues.length > 0;
    const left = broad ? names : 2;
    const longest = most(records(all).flatMap(one => [one.key, one.value]).map(one => `${one ?? ''}`.length));
    const share = aside ? (asked - left - between - right) / (held + kept) : (asked - left - right) / Math.max(1, held, kept);
    const cell = Math.floor(Math.max(broad ? CELL[0] : NARROW, Math.min(CELL[1], longest * SMALL + 14, share)));
    const log = left + (aside ? held * cell + between : 0);
    const width = Math.ceil(Math.max(asked, log + kept * cell + right, left + held * cell + OPEN + 2));
    const xOf = (row, offset) => log + Math.min(Math.max(offset - row.first, 0), kept) * cell;
    return { broad, aside, left, log, held, cell, width, xOf };
  }

  // The log's own flags, which stand above its tape. That it begins at 0 and that all of it can be read needs no flag.
  function flagsAbove({ rows, xOf, width }, state) {
    return parts.arrange(state.partitions.flatMap(one => {
      const row = find(rows, one.name);
      const { start, end, high_watermark: high } = one;
      const marks = parts.marks({ log_start: start || null, high_watermark: high === end ? null : high }, ['log_start', 'high_watermark']);
      return marks.map(({ offset, text: words }) => ({ text: words, pole: xOf(row, offset), row }));
    }), width);
  }

  // The flags of consumers, below the tapes. A flag's cloth is what was pulled ahead.
  function flagsBelow({ rows, xOf, width, cell }, state, before) {
    const places = one => one.consumers.flatMap(who => Object.keys(who.positions).map(at => ({ who, at })));
    const same = (list, one) => list.find(other => other.who.name === one.who.name && other.at === one.at);
    const [now, past] = [places(state), places(before)];
    const all = [...now, ...past.filter(one => !same(now, one))].filter(({ at }) => find([...state.partitions, ...before.partitions], at));
    return parts.arrange(all.map(one => {
      const { who, at } = one;
      const [row, offset, was] = [find(rows, at), who.positions[at], same(past, one)];
      const gone = !now.includes(one) || !find(state.partitions, at);
      const from = was && was.who.positions[at];
      return { row, pole: xOf(row, offset), cloth: (who.buffered[at] || 0) * cell, mark: gone ? 'ghost' : from === offset ? '' : 'fresh',
        way: was && from !== offset ? xOf(row, from) : null, text: `${who.name} next ${offset}${who.paused.includes(at) ? ', paused' : ''}` };
    }), width);
  }

  // Heights, from top to bottom. Notes where the producers and the parts of each row stand, and returns the height of all.
  function stack(plan) {
    const { rows, producers, labelled, aside, broad, above, below, look: { tape } } = plan;
    const lines = (flags, row) => most(flags.flat().filter(flag => flag.row === row).map(flag => flag.lane + 1)) * LANE;
    const label = labelled ? LABEL : 0;
    let y = 0;
    for (const one of producers) {
      one.y = y;
      one.gauge = one.measured && (plan.asked < 330 ? [0, y + 20] : [one.words.length * SMALL + 18, y]);
      y = HEADER + (one.gauge ? one.gauge[1] : y);
    }
    plan.top = y + LABEL - 4;
    y += aside ? LABEL + 6 : producers.length ? 6 : 0;
    for (const row of rows) {
      row.queues = row.queues.map((one, i) => ({ ...one, y: y + label + i * (label + tape + APART) }));
      const end = row.queues.length ? row.queues[row.queues.length - 1].y + tape : y;
      row.top = aside || end === y ? y : end + APART;
      row.tape = row.top + Math.max(lines(above, row) + (broad ? 0 : LABEL), aside && row.queues.length ? label : 0);
      row.flags = row.tape + tape + TICKS;
      y = Math.max(end, row.flags + lines(below, row)) + BETWEEN;
    }
    return Math.max(y - BETWEEN + 4, 40);
  }

  // A producer, and how much of its memory is taken.
  function head({ words, y, gauge }, buffer) {
    const rect = (cls, part) => svg('rect', { class: cls, x: gauge[0], y: gauge[1] + 3, width: GAUGE * Math.min(1, part), height: 12, rx: 3 });
    return svg('g', { class: `producer stays ${isFull(buffer) ? 'full' : ''}` }, text('name', 0, y + 13, words),
      buffer ? [title(`buffer.memory: ${memory(buffer)}`), rect('', 1), rect('used', buffer.used / Math.max(1, buffer.limit)),
        text('small', gauge[0] + GAUGE + 8, gauge[1] + 13, memory(buffer))] : null);
  }

  // What a producer holds for a partition: first, as ghosts, what the step took from it.
  function line(plan, { name, at, y, steps }, step) {
    const { left, log, held, cell, broad, aside, labelled, look, states } = plan;
    const { tape } = look;
    const { gone, now } = steps[step];
    const here = find(states[step].producers, name) && (now.length > 0 || find(states[step].partitions, at) !== null);
    let x = left;
    const nodes = [...gone, ...now].map(one => {
      const mark = [gone.includes(one) ? 'ghost' : one.had ? '' : 'fresh', one.flying ? 'flying' : ''].join(' ');
      const words = one.flying ? 'in flight' : one.closed ? 'waits to be sent' : 'waits and grows';
      const node = parts.batch(look, one, x, y, { mark, words, sign: one.flying ? '→' : '', had: one.had || undefined });
      x += one.records.length * cell;
      return node;
    });
    const final = now[now.length - 1];
    const node = svg('g', { class: 'queue' },
      here && svg('rect', { class: 'memory', x: left, y, width: held * cell + OPEN, height: tape, rx: 5 }),
      here && labelled && text('name stays', left, y - 5, broad ? name : `${name} → ${at}`), nodes,
      final && !final.flying && !final.closed && [parts.open(look, x, y, OPEN - 5), text('pen', x + 6, y + tape / 2 + 5, '✎')],
      here && aside && svg('path', { class: 'arrow', d: `M${log - ARROW + 9} ${y + tape / 2}h14m-5 -4l5 4l-5 4` }));
    return { node, touched: gone.length || now.some(one => one.had < one.records.length) ? [left, x] : [] };
  }

  function log({ look, states, xOf, left, broad }, row, step) {
    const [now, past] = [states[step], states[step - 1]].map(state => (state ? find(state.partitions, row.name) : null));
    if (!now && !past) {
      return { node: null, touched: [] };
    }
    const drawn = parts.lane(look, now, past, offset => xOf(row, offset), row.tape);
    drawn.node.prepend(broad ? text('name', 0, row.tape + look.tape / 2 + 4, row.name) : text('name stays', left, row.top + 11, row.name));
    return drawn;
  }

  // Where a consumer is, what it pulled ahead, and the way that it went in this step.
  function place({ id, look }, { row, lane, cloth, way, mark, ...flag }) {
    const top = row.flags + lane * LANE + 2;
    return [
      way !== null && svg('path', { class: 'way', d: `M${way} ${row.tape + look.tape + 3}H${flag.pole}` }),
      cloth > 0 && svg('g', { class: `ahead ${mark}` }, title('pulled ahead'), [null, 'ahead'].map(fill => parts.box(id, flag.pole, top - 1, cloth, LANE - 4, fill))),
      parts.flag(flag, top, row.tape + LABEL, `reading ${mark}`),
    ];
  }

  function draw(plan, step) {
    const { id, states, rows, aside, left, above, below } = plan;
    const logs = rows.map(row => log(plan, row, step));
    const queues = rows.flatMap(row => row.queues.map(one => line(plan, one, step)));
    const moved = below[step].filter(one => one.mark).flatMap(one => [one.way ?? one.pole, one.to]);
    const marked = above[step].filter(one => !(above[step - 1] || []).some(other => other.row === one.row && other.text === one.text));
    const touched = [[...logs.flatMap(one => one.touched), ...marked.flatMap(one => [one.from, one.to])], moved, queues.flatMap(one => one.touched)].find(one => one.length) || [];
    const newest = most(touched);
    return {
      nodes: [parts.textures(id), ...states[step].producers.map(one => head(find(plan.producers, one.name), one.buffer)),
        aside && [text('kind', left, plan.top, 'in memory'), text('kind', plan.log, plan.top, 'in the log')],
        ...[...queues, ...logs].map(one => one.node),
        ...above[step].map(one => parts.flag(one, one.row.tape - (one.lane + 1) * LANE + 2, one.row.tape + plan.look.tape + 2)),
        ...below[step].map(one => place(plan, one))],
      text: inWords(states[step]),
      // What does not fit is shown with its newest end.
      focus: touched.length ? [Math.max(newest - plan.asked + 60, Math.min(...touched)), newest] : null,
    };
  }

  views.topics = (trace, asked, id) => {
    const states = trace.steps.map(step => whole(step.state));
    const queues = queuesOf(states);
    const rows = rowsOf(states, queues);
    const all = states.flatMap(state => [...state.partitions.flatMap(one => one.batches), ...state.producers.flatMap(one => one.queue)]);
    const plan = { id, asked, states, queues, rows, all, producers: producersOf(states), ...acrossOf({ rows, queues, all }, asked) };
    plan.labelled = !plan.broad || plan.producers.length > 1;
    const hues = parts.huesOf(records(all));
    plan.look = { id, hues, cell: plan.cell, tape: parts.tapeOf(hues) };
    plan.above = states.map(state => flagsAbove(plan, state));
    plan.below = states.map((state, step) => flagsBelow(plan, state, states[step - 1] || whole()));
    const opening = states.findIndex(state => state.partitions.some(one => one.batches.length) || state.producers.some(one => one.queue.length));
    return { width: plan.width, height: stack(plan), legend: legend(plan), opening, draw: step => draw(plan, step) };
  };

  // What the pictures of this story hold.
  function legend({ id, states, queues, all, look, below }) {
    const { swatch } = parts;
    const waits = queues.flatMap(one => one.steps.flatMap(it => it.now));
    const key = (hue, cls = '') => svg('g', { class: `record ${cls}`, style: hue !== null && `--key:${hue}` }, svg('rect', { x: 1, y: 1, width: 24, height: 14, rx: 3 }));
    return parts.legend([
      ...[...look.hues].slice(0, 8).map(([name, hue]) => [true, key(hue), `key ${name}`]),
      [records(all).some(one => !look.hues.has(one.key)), key(null, 'plain'), 'no key'],
      [all.length, swatch(id, 'batch'), 'record batch'],
      ...parts.codecs(id, all),
      [waits.some(one => one.flying), swatch(id, 'batch flying'), '→ in flight: sent, not yet answered'],
      [waits.some(one => !one.flying && !one.closed), svg('text', { class: 'pen', x: 6, y: 13 }, '✎'), 'open batch: it still grows'],
      [true, swatch(id, 'batch fresh'), 'added by this step'],
      [true, swatch(id, 'batch ghost'), 'removed by this step'],
      [below.flat().length, svg('g', { class: 'flag reading' }, svg('path', { d: 'M8 2V16' }), svg('circle', { cx: 8, cy: 3, r: 2.2 })), 'consumer: the next record that it gets'],
      [below.flat().some(one => one.cloth), swatch(id, 'ahead', 'ahead'), 'pulled ahead, not yet given out'],
    ]);
  }

  function inWords({ producers, partitions, consumers }) {
    const batch = one => `${count(one.records.length, 'record')} for ${one.at} ${one.flying ? 'in flight' : one.closed ? 'waiting' : 'waiting, batch open'}`;
    const position = one => at => `${at} next ${one.positions[at]}${one.buffered[at] ? `, ${one.buffered[at]} pulled ahead` : ''}${one.paused.includes(at) ? ', paused' : ''}`;
    return [
      ...producers.map(one => `Producer ${one.name}: ${one.queue.map(batch).join(', ') || 'holds nothing'}${one.buffer ? `; memory ${memory(one.buffer)}` : ''}.`),
      ...partitions.map(one => `Partition ${one.name}: ${one.end > one.start ? `offsets ${one.start} to ${one.end - 1}, ${count(one.batches.length, 'batch', 'batches')}` : `empty, next offset ${one.end}`}.`),
      ...consumers.map(one => `Consumer ${one.name}: ${Object.keys(one.positions).map(position(one)).join('; ') || 'reads nothing'}.`),
    ].join(' ') || 'Nothing is there yet.';
  }
})();
