'use strict';

// The view `log` of the story player: the files of one log. A segment is a tape of bytes, with its indexes below it.
//
//   00000000000000000003.log
//    ▏log start 3        ▏end 7       flags at offsets
//   [3      5][6      6]╌╌            batches, as wide as their bytes
//   ─◆────────◆─────────              index entries, below the byte that they point to
//   ─●────────●─────────              time index entries, below the record that they point to
//
// Every segment of the story has one place for all steps. Places follow each other like words in a text. What a step
// removed is drawn as a ghost where it was; nothing can stand there yet.
(() => {
  const { views, svg, parts } = window.StoryPlayer;
  const { SMALL, LANE, CODECS, codecOf, text, title } = parts;

  const NAME = 16; // the height of a file's name,
  const STRIP = 54; // of a tape,
  const FILE = 25; // of an index
  const BETWEEN = 26; // the space between places, in both directions
  const GUTTER = 80; // the width of the files' kinds,
  const OPEN = 30; // of the open end of an active segment,
  const LARGE = 8; // and of a large character

  const by = key => (a, b) => a[key] - b[key];
  const keyOf = batch => `${batch.base}@${batch.position}`;
  const clock = stamp => (stamp > 1e11 ? new Date(stamp).toISOString().slice(11, 23) : `${stamp}`);

  // A segment as it is drawn: its pieces from left to right. Bytes behind the last batch are a piece without a batch.
  function tape(segment, scale) {
    const pieces = [];
    let x = 0;
    let from = 0;
    const add = (batch, to, text, digits) => {
      const w = Math.max(text * SMALL + 14, digits, (to - from) * scale);
      pieces.push({ batch, from, to, x, w, key: batch ? keyOf(batch) : 'torn' });
      x += w;
      from = to;
    };
    for (const batch of [...segment.batches].sort(by('position'))) {
      from = batch.position;
      const text = Math.max(`${batch.size} B`.length, codecOf(batch).length, batch.ok ? 0 : 9);
      add(batch, from + batch.size, text, (`${batch.base}`.length + `${batch.last}`.length) * LARGE + 24);
    }
    if (segment.size > from) {
      add(null, segment.size, `${segment.size - from} B`.length, 0);
    }
    return { ...segment, pieces, width: Math.max(x, 36), end: x };
  }

  function xOfByte({ pieces, end }, position) {
    const piece = pieces.find(one => position < one.to);
    return piece ? piece.x + piece.w * Math.max(0, (position - piece.from) / (piece.to - piece.from)) : end;
  }

  function xOfOffset({ pieces }, offset) {
    const batches = pieces.filter(one => one.batch);
    const piece = batches.find(one => offset <= one.batch.last);
    if (piece) {
      const { base, last } = piece.batch;
      return piece.x + piece.w * Math.max(0, (offset - base) / (last - base + 1));
    }
    const final = batches[batches.length - 1];
    return final ? final.x + final.w : 0;
  }

  const flagsOf = state => parts.marks(state, ['log_start', 'recovery_point', 'flushed', 'end']);

  // Every base offset that a segment ever has gets a place as wide as the segment ever is.
  function placesOf(tapes, gutter, room) {
    const widths = new Map();
    for (const { base, width, active } of tapes.flat()) {
      widths.set(base, Math.max(widths.get(base) || 24 * SMALL, width + (active ? OPEN : 0)));
    }
    const places = new Map();
    let [x, row] = [0, 0];
    for (const base of [...widths.keys()].sort((a, b) => a - b)) {
      const w = widths.get(base);
      if (x > 0 && x + w > room) {
        [x, row] = [0, row + 1];
      }
      places.set(base, { x: x + gutter, w, row });
      x += w + BETWEEN;
    }
    return places;
  }

  // The flags of a state, each on the segment that holds its offset.
  function arrange(state, tapes, places, asked) {
    if (!tapes.length) {
      return [];
    }
    const { cursor } = state;
    const all = flagsOf(state).map(({ offset, text: label }) => {
      const home = tapes.filter(one => one.base <= offset).pop() || tapes[0];
      return { text: label, home, pole: xOfOffset(home, offset) };
    });
    const read = cursor && tapes.find(one => one.base === cursor.segment);
    if (read) {
      all.push({ text: `reads from ${cursor.from}`, reading: true, home: read, pole: xOfByte(read, cursor.position) });
    }
    return parts.arrange(all.map(({ home, ...flag }) => {
      const { x, row } = places.get(home.base);
      return { ...flag, row, pole: flag.pole + x };
    }), asked);
  }

  views.log = (trace, asked, id) => {
    let last = { segments: [] };
    const states = trace.steps.map(step => (last = step.state || last));
    const segments = states.flatMap(state => state.segments);
    const hasIndex = segments.some(one => one.index.length);
    const hasTime = segments.some(one => one.time_index.length);
    const gutter = hasIndex || hasTime ? GUTTER : 4;
    const scale = Math.min(1.5, (asked - gutter - 8) / Math.max(1, ...segments.map(one => one.size)));
    const tapes = states.map(state => [...state.segments].sort(by('base')).map(one => tape(one, scale)));
    const places = placesOf(tapes, gutter, asked - gutter - 8);
    const flags = states.map((state, step) => arrange(state, tapes[step], places, asked));
    const lanes = 1 + Math.max(0, ...flags.flat().map(flag => flag.lane));

    // Heights, from the top of a row.
    const strip = NAME + lanes * LANE + 6;
    const index = strip + STRIP + (hasIndex ? FILE : 0);
    const stamps = index + (hasTime ? FILE : 0);
    const row = stamps + 10 + BETWEEN;
    const rows = 1 + Math.max(0, ...[...places.values()].map(one => one.row));
    const width = Math.max(asked, ...[...places.values()].map(one => one.x + one.w + 8), ...flags.flat().map(flag => flag.to));

    const box = (x, w, texture) => parts.box(id, x + 1, strip + 1, w - 2, STRIP - 2, texture);

    function kinds(line) {
      const kind = (name, y) => text('kind', gutter - 12, line * row + y + 4, name, 'end');
      return svg('g', null, gutter === GUTTER && kind('.log', strip + STRIP / 2), hasIndex && kind('.index', index), hasTime && kind('.timeindex', stamps));
    }

    function piece({ batch, from, to, x, w }, mark) {
      const line = (cls, y, content) => text(cls, x + w / 2, strip + y, content, 'middle');
      if (!batch) {
        return svg('g', { class: `batch torn ${mark}` }, title(`bytes ${from} to ${to}: not a whole batch`),
          box(x, w), box(x, w, 'torn'), line('word', 23, 'torn'), line('small', 38, `${to - from} B`));
      }
      const { base, last: final, ok } = batch;
      const codec = codecOf(batch);
      return svg('g', { class: `batch ${ok ? '' : 'bad'} ${mark}`, 'data-batch': keyOf(batch) },
        title(`offsets ${base} to ${final}, bytes ${from} to ${to}, compression ${codec || 'none'}, CRC ${ok ? 'right' : 'wrong'}`),
        box(x, w), codec in CODECS && box(x, w, codec), ok || box(x, w, 'torn'),
        base === final ? line('offset', 19, base) : [text('offset', x + 8, strip + 19, base), text('offset', x + w - 8, strip + 19, final, 'end')],
        line('small', 34, `${batch.size} B`), ok ? line('small', 46, codec) : line('word', 46, '✕ bad CRC'));
    }

    // The entries of an index on their line. `look` tells of an entry: its x, its labels from long to short, its meaning.
    function entries(kind, level, now, past, length, look) {
      const has = (list, entry) => list.some(one => `${one}` === `${entry}`);
      const all = [...now, ...past.filter(entry => !has(now, entry))].map(entry => ({ entry, ...look(entry) })).sort(by('x'));
      return svg('g', null, svg('path', { class: 'base', d: `M0 ${level}H${length}` }), all.map(({ entry, x, labels, title, hit }, i) => {
        const next = i + 1 < all.length ? all[i + 1].x : Infinity;
        const mark = !has(now, entry) ? 'ghost' : has(past, entry) ? '' : 'fresh';
        return svg('g', { class: `${kind} ${mark} ${hit ? 'hit' : ''}` }, parts.title(title),
          svg('path', { class: 'stem', d: `M${x} ${level - 4}V${strip + STRIP + 2}` }),
          kind === 'entry' ? svg('path', { d: `M${x} ${level - 4}l4 4l-4 4l-4 -4z` }) : svg('circle', { cx: x, cy: level, r: 3.4 }),
          text('small', x + 7, level - 3, labels.find(label => x + 10 + label.length * SMALL < next) || ''));
      }));
    }

    // A segment, and what the step took from it. `past` is the segment before the step; `gone` says that all of it went.
    function segment(now, past, state, gone) {
      const { x, row: line } = places.get(now.base);
      const { cursor } = state;
      const reads = cursor && cursor.segment === now.base && !gone;
      const name = `${now.base}`.padStart(20, '0');
      const zeros = name.length - `${now.base}`.length;
      const had = new Set(past.pieces.map(one => one.key));
      const removed = gone ? [] : past.pieces.filter(one => one.from >= now.size);
      const fresh = gone ? [] : now.pieces.filter(one => !had.has(one.key));
      const far = Math.max(now.width, ...removed.map(one => one.x + one.w));
      const below = state.log_start > now.base ? xOfOffset(now, state.log_start) : 0;
      const scanned = reads ? cursor.scanned.map(position => xOfByte(now, position)) : [];
      const touched = [...removed, ...fresh].flatMap(one => [one.x, one.x + one.w]).concat(scanned).map(at => at + x);
      const node = svg('g', { class: gone ? 'ghost' : '', transform: `translate(${x} ${line * row})` },
        svg('text', { class: 'name', x: 0, y: 11 }, svg('tspan', { class: 'zeros' }, name.slice(0, zeros)), `${name.slice(zeros)}.log`),
        svg('rect', { class: 'track', y: strip, width: now.width, height: STRIP, rx: 5 }),
        now.active && !gone && svg('path', { class: 'open', d: `M${far} ${strip + 0.5}h${OPEN - 6}m0 ${STRIP - 1}h${6 - OPEN}` }),
        now.active && !gone && text('pen', far + 9, strip + STRIP / 2 + 5, '✎'),
        removed.map(one => piece(one, 'ghost')),
        now.pieces.map(one => piece(one, fresh.includes(one) ? 'fresh' : '')),
        below > 0 && svg('rect', { class: 'below', y: strip, width: below, height: STRIP, rx: 5 }, title('Before the log start: in the file, and no longer read.')),
        hasIndex && entries('entry', index, now.index, past.index, now.width, ([offset, position]) => ({
          x: Math.max(4, xOfByte(now, position)), labels: [`+${offset} → ${position}`, `+${offset}`], hit: reads && cursor.position === position,
          title: `index entry: offset ${now.base + offset}, byte ${position}` })),
        hasTime && entries('stamp', stamps, now.time_index, past.time_index, now.width, ([stamp, offset]) => ({
          x: Math.max(4, xOfOffset(now, now.base + offset)), labels: [`${clock(stamp)} → +${offset}`, clock(stamp)],
          title: `time index entry: time ${stamp}, offset ${now.base + offset}` })),
        reads && svg('g', { class: 'scan' }, svg('rect', { x: scanned[0] - 2, y: strip - 4, width: scanned[1] - scanned[0] + 4, height: STRIP + 8, rx: 6 })));
      return { node, touched };
    }

    function flag(one) {
      const top = one.row * row + NAME + (lanes - 1 - one.lane) * LANE + 4;
      return parts.flag(one, top, one.row * row + strip + (one.reading ? -4 : STRIP + 3), one.reading ? 'reading' : '');
    }

    const opening = states.findIndex(state => state.segments.some(one => one.batches.length));

    function draw(step) {
      const [now, past] = [tapes[step], tapes[step - 1] || []];
      const same = (list, one) => list.find(other => other.base === one.base);
      const empty = { pieces: [], index: [], time_index: [] };
      const drawn = [
        ...past.filter(one => !same(now, one)).map(one => segment(one, one, states[step], true)),
        ...now.map(one => segment(one, same(past, one) || empty, states[step], false)),
      ];
      const lines = new Set([...now, ...past].map(one => places.get(one.base).row));
      const touched = drawn.flatMap(one => one.touched);
      return {
        nodes: [parts.textures(id), ...[...lines].map(kinds), ...drawn.map(one => one.node), ...flags[step].map(flag)],
        text: inWords(states[step]),
        focus: touched.length ? [Math.min(...touched), Math.max(...touched)] : null,
      };
    }

    return { width, height: rows * row - BETWEEN + 4, legend: legend(segments, states, id), opening, draw };
  };

  // What the pictures of this story hold.
  function legend(segments, states, id) {
    const batch = (cls, texture) => parts.swatch(id, `batch ${cls}`, texture);
    const batches = segments.flatMap(one => one.batches);
    return parts.legend([
      [batches.length, batch(''), 'record batch'],
      ...parts.codecs(id, batches),
      [true, batch('fresh'), 'added by this step'],
      [true, batch('ghost'), 'removed by this step'],
      [batches.some(one => !one.ok), batch('bad', 'torn'), 'batch with a wrong CRC'],
      [segments.some(one => tape(one, 1).pieces.some(piece => !piece.batch)), batch('torn', 'torn'), 'not a whole batch'],
      [segments.some(one => one.active), svg('text', { class: 'pen', x: 6, y: 13 }, '✎'), 'active segment: appends go here'],
      [states.some(one => one.cursor), parts.swatch(id, 'scan'), 'bytes read to answer'],
      [segments.some(one => one.index.length), svg('g', { class: 'entry' }, svg('path', { d: 'M13 3l5 5l-5 5l-5 -5z' })), 'index entry: +offset → byte'],
      [segments.some(one => one.time_index.length), svg('g', { class: 'stamp' }, svg('circle', { cx: 13, cy: 8, r: 4 })), 'time index entry: time → +offset'],
    ]);
  }

  function inWords(state) {
    const words = [...state.segments].sort(by('base')).map(segment => {
      const batches = tape(segment, 1).pieces.map(one => one.batch);
      const whole = batches.filter(Boolean);
      const content = whole.length ? `offsets ${whole[0].base} to ${whole[whole.length - 1].last}, batches: ${whole.length}` : 'no batch';
      const bad = whole.filter(one => !one.ok).map(one => `; the batch at offset ${one.base} has a wrong CRC`).join('');
      return `Segment ${segment.base}${segment.active ? ', active' : ''}: ${content}, ${segment.size} bytes${bad}${whole.length < batches.length ? '; its end is torn' : ''}.`;
    });
    const { cursor } = state;
    return [...words, `${flagsOf(state).map(flag => flag.text).join(', ')}.`,
      cursor ? `A read from offset ${cursor.from} scans bytes ${cursor.scanned.join(' to ')} of segment ${cursor.segment}.` : ''].join(' ').trim();
  }
})();
