'use strict';

// What a lane of the view `replicas` shows of producers and transactions, where a story has any.
//
//   ┌────────┐┌────────┐╭────────╮      a record, and a marker
//   │paid 10 ││paid 7  ││✕ abort │
//   │   e0   ││   e0   ││   e0   │
//   ╞════════╧╧════════╡│        │      its batch: whose it is, in which epoch of its, its numbers,
//   │  p0 e0 #0…1      ││ p0 e1  │
//   │     aborted      │╰────────╯      and, if it is of a transaction, how that stands
//   p0 e1   ▐█0…1█▌            next 2   what this replica knows of a producer: batches that it remembers
//
// The coordinators of transactions have a lane of their own, with a row for each transactional id.
(() => {
  const { svg, parts, fates: told } = window.StoryPlayer;
  const { SMALL, text, title, shorten } = parts;

  const TINY = 5.8; // the width of the smallest characters
  const STRIP = 13; // the height of a line of a batch,
  const KNOWN = 18; // of what is known of a producer,
  const LINE = 16; // of a line of words,
  const ROW = 2 * LINE + 10; // of a transactional id beside its name,
  const TALL = 3 * LINE + 8; // and of one below it
  const NUMBERS = 2 ** 31; // how many there are before they begin anew
  const CYCLE = { Empty: ['Empty', 'Ongoing', 'Prepare…', 'Complete…'], Abort: ['Ongoing', 'PrepareAbort', 'CompleteAbort'], Commit: ['Ongoing', 'PrepareCommit', 'CompleteCommit'], Ongoing: ['Ongoing', 'Prepare…', 'Complete…'] };

  const fit = (words, room, size = TINY) => words.find(it => it.length * size <= room) || '';
  const STATUS = { open: 'open', aborted: 'aborted', committed: 'committed' };
  const statusOf = ({ fate, marker }) => STATUS[fate] || `${marker.marker}…`;
  const FATES = {
    open: 'its transaction is open', aborted: 'its transaction was aborted: readers of committed records are not given it',
    committed: 'its transaction was committed', decided: 'its transaction has a marker that is not committed yet',
  };

  // The lower part of the records: a strip for each batch of a producer.
  function strips({ x, txn }, now, past, y, source) {
    const before = past ? told.batches(past) : [];
    const [fates, was] = [told.fates(now), past ? told.fates(past) : new Map()];
    return told.batches(now).filter(one => !one.marker).map(one => {
      const [left, w] = [x(one.base) + 2.5, x(one.last + 1) - x(one.base) - 5];
      const numbers = told.numbers(one.first, one.until);
      const fate = fates.get(one.base);
      const fresh = !before.some(it => it.base === one.base && it.producer === one.producer && it.epoch === one.epoch && it.last === one.last);
      const turned = !fresh && fate && (was.get(one.base) || {}).fate !== fate.fate;
      const who = fit([`producer ${one.producer} epoch ${one.epoch} #${numbers}`, `p${one.producer} e${one.epoch} #${numbers}`, `p${one.producer} #${numbers}`, `#${numbers}`], w - 4);
      return svg('g', { class: `strip ${fate ? fate.fate : ''} ${fresh ? (source ? 'fresh copied' : 'fresh') : turned ? 'turned' : ''}`, style: fresh && source && `--from:${source}px`, 'data-base': one.base },
        title(`a batch of producer ${one.producer}, epoch ${one.epoch}, numbers ${numbers}${fate ? `: ${FATES[fate.fate]}` : ''}`),
        svg('rect', { x: left, y, width: w, height: txn && fate ? 2 * STRIP + 1 : STRIP + 1, rx: 3 }),
        text('tiny', left + w / 2, y + 10, who, 'middle'), fate && text('tiny status', left + w / 2, y + 23, fit([statusOf(fate)], w), 'middle'));
    });
  }

  // A marker has another shape than records: it is none, and no reader is given it.
  function marker({ x, cell: w, tape }, one, y, cls, source) {
    const commits = one.marker === 'commit';
    const middle = x(one.offset) + w / 2;
    const sign = commits ? '✓' : '✕';
    return svg('g', { class: `record marker ${one.marker} ${cls}`, style: source ? `--from:${source}px` : false, 'data-offset': one.offset },
      title(`offset ${one.offset}, leader epoch ${one.epoch}: a marker. The transaction of producer ${one.producer} is ${commits ? 'committed' : 'aborted'}; epoch ${one.producer_epoch}`),
      svg('rect', { x: x(one.offset) + 2.5, y: y + 1, width: w - 5, height: tape - 2, rx: 14 }),
      text('sign', middle, y + 19, sign, 'middle'), text('small', middle, y + 33, fit([one.marker], w - 6, SMALL), 'middle'),
      text('tiny', middle, y + 46, fit([`e${one.epoch}`], w), 'middle'), text('tiny', middle, y + 58, fit([`p${one.producer} e${one.producer_epoch}`], w - 8), 'middle'));
  }

  // How far readers of committed records get: the band below it, and its flag above that of the high watermark.
  function stable({ x }, now, past, y, foot, leads) {
    const [from, to] = [x(now.start), x(now.last_stable)];
    const was = past ? x(past.last_stable) : to;
    const label = `LSO ${now.last_stable}`;
    const words = leads && to > from ? ['read_committed gets to here', 'read_committed', 'stable'].find(it => it.length * SMALL <= to - from - 8) || '' : '';
    return [
      to > from && svg('rect', { class: 'band', x: from, y, width: to - from, height: 15, rx: 3 }), text('given', from + 5, y + 11, words),
      typeof was === 'number' && was !== to && svg('path', { class: 'trail stable', d: `M${was} ${y}H${to}` }),
      svg('g', { class: `flag stable ${was === to ? '' : 'moves'}`, style: was !== to && `--from:${was - to}px` },
        title(`last stable offset ${now.last_stable}: readers of committed records get to here`),
        svg('path', { d: `M${to} ${y}V${foot}` }), svg('path', { class: 'cloth', d: `M${to} ${y}h${label.length * SMALL + 13}l-4 7.5l4 7.5H${to}z` }), text('', to + 4, y + 11, label)),
    ];
  }

  // What a replica knows of each producer of the story.
  function known(plan, now, past, top) {
    const { x, aside, first } = plan;
    const of = (replica, id) => (replica && replica.producers.find(one => one.id === id)) || null;
    return plan.rows(now.at).map((id, i) => {
      const [one, was] = [of(now, id), of(past, id)];
      const y = top + i * KNOWN;
      const same = (a, b) => a.base === b.base && a.first === b.first && a.last === b.last;
      const epoch = one && was && one.epoch !== was.epoch;
      const fresh = past && (!was || epoch);
      const bar = cls => ({ base, first: from, last }) => {
        const left = x(base) + 2.5;
        const count = ((last - from + NUMBERS) % NUMBERS) + 1;
        const w = x(base + count) - x(base) - 5;
        const numbers = told.numbers(from, last);
        return base >= first && w > 0 && svg('g', { class: `memory-of ${cls}` }, title(`remembered: numbers ${numbers}, at offset ${base}`),
          svg('rect', { x: left, y: y + 1.5, width: w, height: KNOWN - 4, rx: 3 }), text('tiny', left + w / 2, y + 12, fit([`remembers ${numbers}`, `#${numbers}`], w - 6), 'middle'));
      };
      const gone = was ? was.batches.filter(it => !one || !one.batches.some(other => same(it, other))) : [];
      if (!one && !was) {
        return null;
      }
      const shown = one || was;
      const words = aside ? `knows p${id}, epoch ${shown.epoch}` : `p${id} e${shown.epoch}`;
      return svg('g', { class: `known ${one ? '' : 'ghost'}`, 'data-producer': id }, title(`producer ${id}, epoch ${shown.epoch}: ${one ? `number ${one.next} comes next` : 'forgotten by this step'}`),
        gone.map(bar('ghost')), one && one.batches.map(it => bar(was && was.batches.some(other => same(it, other)) ? '' : past ? 'fresh' : '')(it)),
        svg('g', { class: `stays ${fresh && one ? 'changed' : ''}` }, !aside && svg('rect', { class: 'plate', x: 5, y: y + 1, width: 34, height: KNOWN - 3 }), text(aside ? '' : 'tiny', aside ? 12 : 6, y + 12, words)),
        one && svg('g', { class: was && was.next !== one.next ? 'changed' : '' }, text('', x(now.end) + 9, y + 12, `next ${one.next}`)));
    });
  }

  // The transactional ids of a story, and how much room they have.
  const idsOf = states => [...new Set(states.flatMap(state => told.transactions(state).map(one => one.id)))].sort();
  const room = ({ aside }, ids) => LINE + ids * (aside ? ROW : TALL);

  // Where a transaction is on its way.
  function way(one, was, left, y, tight) {
    const [pad, gap] = tight ? [4, 11] : [6, 12];
    const kind = one.state === 'Empty' || one.state === 'Ongoing' ? one.state : one.state.endsWith('Abort') ? 'Abort' : 'Commit';
    let at = left;
    return (CYCLE[kind] || [one.state]).map((name, i) => {
      const w = name.length * SMALL + 2 * pad;
      const here = name === one.state;
      const node = svg('g', { class: `state ${here ? `here ${name}` : ''} ${here && was && was.state !== name ? 'fresh' : ''}` },
        i > 0 && svg('path', { class: 'step', d: `M${at - 9} ${y + 8}h6m-3 -3l3 3l-3 3` }), svg('rect', { x: at, y, width: w, height: 16, rx: 8 }), text('', at + pad, y + 12, name));
      at += w + gap;
      return node;
    });
  }

  // Its partitions, and once it is decided, which of them know.
  function partitionsOf(state, one, left, y, end) {
    const decided = told.isPrepared(one);
    const labels = one.partitions.map(name => {
      const has = decided ? told.markerOf(state, one, name) : '';
      const [sign, words] = { '': ['', ''], no: ['… ', ' no marker'], written: ['◌ ', ' marker not committed'], has: ['✓ ', ' marker'] }[has];
      return { has, short: `${sign}${name}`, label: `${sign}${name}${words}` };
    });
    const whole = labels.reduce((sum, { label }) => sum + label.length * SMALL + 18, left) <= end;
    let at = left;
    return labels.map(({ has, short, label }) => {
      const shown = shorten(whole ? label : short, end - at - 12);
      const w = shown.length * SMALL + 12;
      const node = shown && svg('g', { class: `part ${has}` }, title(label), svg('rect', { x: at, y, width: w, height: 16, rx: 3 }), text('', at + 6, y + 12, shown));
      at += w + 6;
      return node;
    });
  }

  function coordinator({ aside, asked, panel }, lane, state, before) {
    const [now, past] = [state, before].map(one => (one ? told.transactions(one) : []));
    const changed = (it, was) => (was !== undefined && was !== it ? 'changed' : '');
    const rows = lane.ids.map((id, i) => {
      const one = now.find(it => it.id === id);
      if (!one) {
        return null;
      }
      const was = past.find(it => it.id === id);
      const top = 7 + LINE + 4 + i * (aside ? ROW : TALL);
      const broker = state.brokers.find(it => it.id === one.broker);
      const where = one.broker === null ? 'nobody' : `broker ${one.broker}${broker && broker.state !== 'running' ? ` (${broker.state})` : ''}`;
      const who = it => it && `p${it.producer}, epoch ${it.epoch}`;
      const left = aside ? panel : 12;
      const [y, below] = aside ? [top, top + 20] : [top + LINE, top + LINE + 20];
      const words = svg('text', { x: 12, y: top + 12 }, svg('tspan', { class: 'id' }, shorten(id, aside ? panel - 24 : asked / 3)), aside ? '' : ' · ',
        svg('tspan', { ...(aside ? { x: 12, dy: LINE } : {}), class: changed(who(one), who(was)) }, who(one)), aside ? '' : ` · ${where}`);
      return svg('g', { class: `row ${was || !before ? '' : 'fresh'}`, 'data-id': id }, words, way(one, was, left, y, !aside), partitionsOf(state, one, left, below, asked - 10),
        aside && text('where', asked - 12, y + 12, `coordinator: ${where}`, 'end'),
        one.partitions.length === 0 && text('', left, below + 12, one.state.startsWith('Complete') ? 'every partition had its marker' : 'no partition yet'));
    });
    return svg('g', { class: 'stays' }, text('name', 12, 19, 'transactions'), rows);
  }

  // What the pictures of a story hold of all this: lines of parts.legend().
  function legend({ numbered, txn, states }) {
    const logs = states.flatMap(state => state.brokers.flatMap(one => one.replicas));
    const seen = new Set(logs.flatMap(one => [...told.fates(one).values()].map(it => it.fate)));
    const marked = logs.flatMap(one => one.records.map(it => it.marker));
    const rect = (cls, ...nodes) => svg('g', { class: cls }, svg('rect', { x: 1, y: 1, width: 24, height: 14, rx: cls.startsWith('record') ? 7 : 3 }), nodes);
    const strip = name => [seen.has(name), rect(`strip ${name}`), FATES[name]];
    const marker = (name, sign) => [marked.includes(name), rect(`record marker ${name}`, text('', 13, 12, sign, 'middle')), `a marker: a producer’s transaction ends here, ${name === 'commit' ? 'committed' : 'aborted'}. No reader is given it`];
    const flag = svg('g', { class: 'flag stable' }, svg('rect', { class: 'band', width: 14, height: 16 }), svg('path', { d: 'M14 0V16' }), svg('path', { class: 'cloth', d: 'M14 0h11l-3 4l3 4H14z' }));
    return [
      [numbered, rect('strip'), 'p0 e1 #0…1: a batch of producer 0 in its epoch 1, with the numbers 0 to 1'],
      [logs.some(one => one.producers.some(it => it.batches.length)), rect('memory-of'), 'a batch that this replica remembers: it knows it when it comes again'],
      ...['open', 'decided', 'committed', 'aborted'].map(strip),
      marker('commit', '✓'), marker('abort', '✕'),
      [txn, flag, 'LSO, the last stable offset: readers of committed records (read_committed) get to here'],
      [states.some(state => told.transactions(state).some(told.isPrepared)), rect('part no'), 'a partition that does not know yet how its transaction ends'],
    ];
  }

  parts.producers = { STRIP, KNOWN, strips, marker, stable, known, idsOf, room, coordinator, legend };
})();
