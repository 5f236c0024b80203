'use strict';

// The view `log`: the files of one log. Each segment is a tape of bytes, with its index and its time index below it.
//
//   00000000000000000003.log
//    ▏log start 3        ▏end 6
//   [3      5][6      6]╌╌          batches, by their bytes
//   ─◆────────◆─────────            index entries, below the byte that they point to
//   ─●────────●─────────            time index entries, below the record that they point to
//
// Every segment of the story has one place for all steps. Places follow each other like words in a text.
(() => {
  const { views, svg } = window.StoryPlayer;

  const NAME = 16; // the height of a file's name
  const LANE = 17; // of a row of flags
  const STRIP = 54; // of a tape
  const FILE = 24; // of an index
  const BETWEEN = 26; // segments, in both directions
  const GUTTER = 70; // for the names of the files
  const OPEN = 30; // for the open end of the active segment
  const SMALL = 6.1; // the width of a small character
  const LARGE = 8; // and of a large one

  const CODECS = {
    gzip: 'M-1 7L7 -1M-1 1L1 -1M5 7L7 5',
    snappy: 'M1.5 1.5h1M4.5 4.5h1',
    lz4: 'M0 1.5h6M0 4.5h6',
    zstd: 'M0 3h6M3 0v6',
  };

  const bytes = n => `${n} B`;
  const end = batch => batch.position + batch.size;
  const sorted = (list, key) => [...(list || [])].sort((a, b) => a[key] - b[key]);
  const batchWidth = (batch, scale) => {
    const offsets = batch.base === batch.last ? 1 : 2;
    const digits = `${batch.base}`.length + (offsets === 2 ? `${batch.last}`.length : 0);
    const labels = [bytes(batch.size), batch.codec || 'none', batch.ok ? '' : '✕ bad CRC'].map(text => text.length);
    return Math.max(digits * LARGE + offsets * 9 + 6, Math.max(...labels) * SMALL + 14, batch.size * scale);
  };
  const tailOf = segment => segment.size - sorted(segment.batches, 'position').reduce((far, batch) => Math.max(far, end(batch)), 0);

  // Where the bytes of a segment are drawn: pieces of the tape, from left to right.
  function tape(segment, scale) {
    const pieces = [];
    let x = 0;
    for (const batch of sorted(segment.batches, 'position')) {
      const w = batchWidth(batch, scale);
      pieces.push({ batch, from: batch.position, to: end(batch), x, w });
      x += w;
    }
    const rest = tailOf(segment);
    if (rest > 0) {
      const w = Math.max(`${bytes(rest)} torn`.length * SMALL + 12, rest * scale);
      pieces.push({ batch: null, from: segment.size - rest, to: segment.size, x, w });
      x += w;
    }
    return { pieces, width: Math.max(x, 36), used: x };
  }

  function xOfByte({ pieces, used }, position) {
    const piece = pieces.find(one => position < one.to);
    if (!piece) {
      return used;
    }
    return piece.x + piece.w * Math.max(0, (position - piece.from) / (piece.to - piece.from));
  }

  function xOfOffset({ pieces }, offset) {
    const batches = pieces.filter(one => one.batch);
    const piece = batches.find(one => offset <= one.batch.last);
    if (!piece) {
      const final = batches[batches.length - 1];
      return final ? final.x + final.w : 0;
    }
    const { base, last } = piece.batch;
    return piece.x + piece.w * Math.max(0, (offset - base) / (last - base + 1));
  }

  const time = stamp => (stamp > 1e11 ? new Date(stamp).toISOString().slice(11, 23) : `${stamp}`);
  const keyOf = batch => `${batch.base}@${batch.position}`;

  // The flags above the tapes. Names that stand at one offset share a flag.
  function flags(state) {
    const named = [['log start', state.log_start], ['recovery point', state.recovery_point], ['flushed', state.flushed], ['end', state.end]];
    const at = new Map();
    for (const [name, offset] of named) {
      if (typeof offset === 'number') {
        at.set(offset, [...(at.get(offset) || []), name]);
      }
    }
    return [...at].map(([offset, names]) => ({ offset, text: `${names.join(' · ')} ${offset}`, start: names.includes('log start') }));
  }

  const holder = (segments, offset) => segments.filter(one => one.base <= offset).pop() || segments[0];

  views.log = (trace, asked, id) => {
    let before = { segments: [] };
    const states = trace.steps.map(step => (before = step.state || before));
    const some = test => states.some(state => (state.segments || []).some(test));
    const hasIndex = some(one => (one.index || []).length);
    const hasTime = some(one => (one.time_index || []).length);
    const gutter = hasIndex || hasTime ? GUTTER : 4;
    const room = asked - gutter - 8;
    const largest = Math.max(1, ...states.flatMap(state => state.segments.map(one => one.size)));
    const scale = Math.min(1, room / largest);

    const places = place(states, scale, gutter, room);
    const lanes = Math.max(1, ...states.map(state => arrange(state).lanes));
    const strip = NAME + lanes * LANE + 6;
    const index = strip + STRIP + (hasIndex ? FILE : 0);
    const stamps = index + (hasTime ? FILE : 0);
    const row = stamps + (hasIndex || hasTime ? 10 : 0) + BETWEEN;
    const all = [...places.values()];
    const rows = 1 + Math.max(0, ...all.map(one => one.row));
    const width = Math.max(asked, ...all.map(one => one.x + one.w + 8));
    const y = base => places.get(base).row * row;

    // Which flag goes where, and in which lane, so that no text stands on another.
    function arrange(state) {
      const segments = sorted(state.segments, 'base');
      if (!segments.length) {
        return { lanes: 0, placed: [] };
      }
      const wanted = flags(state);
      const { cursor } = state;
      if (cursor) {
        wanted.push({ cursor: true, text: `reads from ${cursor.from}`, segment: cursor.segment, position: cursor.position });
      }
      const placed = [];
      for (const flag of wanted) {
        const segment = segments.find(one => one.base === flag.segment) || holder(segments, flag.offset || 0);
        const { x, row: line } = places.get(segment.base);
        const shape = tape(segment, scale);
        const pole = x + (flag.cursor ? xOfByte(shape, flag.position) : xOfOffset(shape, flag.offset));
        const length = flag.text.length * SMALL + 8;
        const left = pole + length > asked && pole - length > gutter;
        const [from, to] = left ? [pole - length, pole] : [pole, pole + length];
        let lane = 0;
        while (placed.some(one => one.line === line && one.lane === lane && one.from < to + 6 && from < one.to + 6)) {
          lane += 1;
        }
        placed.push({ ...flag, line, lane, pole, from, to, left });
      }
      return { lanes: 1 + Math.max(...placed.map(one => one.lane)), placed };
    }

    const swatches = legend(states, id);
    return {
      width,
      height: rows * row - BETWEEN + 6,
      legend: swatches,
      draw(step) {
        const state = states[step];
        const past = states[step - 1] || { segments: [] };
        const reach = [];
        const touch = (from, to) => reach.push(from, to);
        const nodes = [patterns(id)];
        for (let line = 0; line < rows; line += 1) {
          nodes.push(names(line));
        }
        for (const gone of past.segments.filter(old => !state.segments.some(one => one.base === old.base))) {
          nodes.push(segmentNode(gone, null, state, touch));
        }
        for (const segment of sorted(state.segments, 'base')) {
          nodes.push(segmentNode(segment, past.segments.find(one => one.base === segment.base) || { batches: [] }, state, touch));
        }
        nodes.push(...arrange(state).placed.map(flagNode));
        return { nodes, text: inWords(state), focus: reach.length ? [Math.min(...reach), Math.max(...reach)] : null };
      },
    };

    function names(line) {
      const label = (text, at) => svg('text', { class: 'file', x: gutter - 12, y: line * row + at + 4, 'text-anchor': 'end' }, text);
      return svg('g', null,
        gutter === GUTTER ? label('.log', strip + STRIP / 2) : null,
        hasIndex ? label('.index', index) : null,
        hasTime ? label('.timeindex', stamps) : null);
    }

    // A segment as it is now, with what the step took from it. `past` is the segment before; null when all of it is gone.
    function segmentNode(segment, past, state, touch) {
      const { x } = places.get(segment.base);
      const shape = tape(segment, scale);
      const gone = past === null;
      const old = past || segment;
      const known = new Set((old.batches || []).map(keyOf));
      const kept = new Set((segment.batches || []).map(keyOf));
      const name = `${segment.base}`.padStart(20, '0');
      const zeros = name.match(/^0*(?=\d)/)[0];
      const group = svg('g', { class: gone ? 'segment ghost' : 'segment', transform: `translate(${x} ${y(segment.base)})` },
        svg('text', { class: 'name', x: 0, y: 11 }, svg('tspan', { class: 'zeros' }, zeros), `${name.slice(zeros.length)}.log`),
        svg('rect', { class: 'track', x: 0, y: strip, width: shape.width, height: STRIP, rx: 5 }));
      if (segment.active && !gone) {
        const from = shape.width;
        group.append(svg('path', { class: 'open', d: `M${from} ${strip + 0.5}h${OPEN - 6}M${from} ${strip + STRIP - 0.5}h${OPEN - 6}` }),
          svg('text', { class: 'pen', x: from + 9, y: strip + STRIP / 2 + 5 }, '✎', svg('title', null, 'The active segment: the next batch goes here.')));
      }
      if (!gone) {
        const removed = tape(old, scale).pieces.filter(piece =>
          (piece.batch ? !kept.has(keyOf(piece.batch)) : tailOf(segment) <= 0) && piece.from >= segment.size);
        removed.forEach(piece => {
          group.append(pieceNode(piece, 'ghost'));
          touch(x + piece.x, x + piece.x + piece.w);
        });
      } else {
        touch(x, x + shape.width);
      }
      shape.pieces.forEach(piece => {
        const fresh = !gone && (piece.batch ? !known.has(keyOf(piece.batch)) : tailOf(old) <= 0);
        group.append(pieceNode(piece, fresh ? 'fresh' : ''));
        if (fresh) {
          touch(x + piece.x, x + piece.x + piece.w);
        }
      });
      unreadable(group, segment, shape, state);
      if (hasIndex) {
        group.append(indexNode(segment, old, shape, state.cursor));
      }
      if (hasTime) {
        group.append(timeNode(segment, old, shape));
      }
      if (state.cursor && state.cursor.segment === segment.base && !gone) {
        group.append(scanNode(state.cursor, shape));
        touch(x + xOfByte(shape, state.cursor.scanned[0]), x + xOfByte(shape, state.cursor.scanned[1]));
      }
      return group;
    }

    function pieceNode({ batch, from, to, x, w }, extra) {
      const box = { x: x + 1, y: strip + 1, width: w - 2, height: STRIP - 2, rx: 4 };
      const middle = x + w / 2;
      const line = (text, at, cls) => svg('text', { class: cls, x: middle, y: strip + at, 'text-anchor': 'middle' }, text);
      if (!batch) {
        return svg('g', { class: `batch torn ${extra}` },
          svg('title', null, `bytes ${from} to ${to}: not a whole batch`),
          svg('rect', box), svg('rect', { ...box, fill: `url(#${id}-torn)`, class: 'weave' }),
          line('torn', 23, 'word'), line(bytes(to - from), 38, 'small'));
      }
      const codec = batch.codec && batch.codec !== 'none' ? batch.codec : null;
      const one = batch.base === batch.last;
      return svg('g', { class: `batch ${batch.ok ? '' : 'bad'} ${extra}`, 'data-batch': keyOf(batch) },
        svg('title', null, `offsets ${batch.base} to ${batch.last}, bytes ${from} to ${to}, compression ${batch.codec || 'none'}${batch.ok ? '' : ', CRC wrong'}`),
        svg('rect', box),
        codec ? svg('rect', { ...box, fill: `url(#${id}-${codec in CODECS ? codec : 'gzip'})`, class: 'weave' }) : null,
        batch.ok ? null : svg('rect', { ...box, fill: `url(#${id}-torn)`, class: 'weave' }),
        one ? line(batch.base, 19, 'offset') : [
          svg('text', { class: 'offset', x: x + 8, y: strip + 19 }, batch.base),
          svg('text', { class: 'offset', x: x + w - 8, y: strip + 19, 'text-anchor': 'end' }, batch.last)],
        line(bytes(batch.size), 34, 'small'),
        batch.ok ? (codec ? line(codec, 46, 'small') : null) : line('✕ bad CRC', 46, 'word'));
    }

    // What lies below the log's start is still in the file and nobody reads it.
    function unreadable(group, segment, shape, state) {
      const below = xOfOffset(shape, state.log_start || 0);
      if (shape.used && below > 0 && (state.log_start || 0) > segment.base) {
        group.append(svg('rect', { class: 'below', x: 0, y: strip, width: below, height: STRIP, rx: 5 },
          svg('title', null, 'Before the log start: still in the file, and no longer read.')));
      }
    }

    function entries(list, past, cls, level, xs, labels, describe, stem) {
      const known = new Set((past || []).map(String));
      const removed = (past || []).filter(one => !(list || []).map(String).includes(String(one)));
      const drawn = [...(list || []), ...removed];
      const order = drawn.map(xs).sort((a, b) => a - b);
      return drawn.map((entry, i) => {
        const x = xs(entry);
        const next = order.find(one => one > x + 1) || Infinity;
        const label = labels(entry).find(text => x + 8 + text.length * SMALL < next) || '';
        const state = i >= (list || []).length ? 'ghost' : known.has(String(entry)) ? '' : 'fresh';
        const mark = cls === 'entry' ? svg('path', { d: `M${x} ${level - 4}l4 4l-4 4l-4 -4z` }) : svg('circle', { cx: x, cy: level, r: 3.4 });
        return svg('g', { class: `${cls} ${state} ${stem(entry) || ''}` },
          svg('title', null, describe(entry)),
          svg('path', { class: 'stem', d: `M${x} ${level - 4}V${strip + STRIP + 2}` }), mark,
          svg('text', { class: 'small', x: x + 7, y: level + 4 }, label));
      });
    }

    function indexNode(segment, past, shape, cursor) {
      const hit = ([, position]) => cursor && cursor.segment === segment.base && cursor.position === position && 'hit';
      return svg('g', { class: 'index' },
        svg('path', { class: 'base', d: `M0 ${index}H${shape.width}` }),
        entries(segment.index, past.index, 'entry', index,
          ([, position]) => Math.max(4, xOfByte(shape, position)),
          ([offset, position]) => [`+${offset} → ${position}`, `+${offset}`],
          ([offset, position]) => `index entry: offset ${segment.base + offset} is at byte ${position} or after it`, hit));
    }

    function timeNode(segment, past, shape) {
      return svg('g', { class: 'index' },
        svg('path', { class: 'base', d: `M0 ${stamps}H${shape.width}` }),
        entries(segment.time_index, past.time_index, 'stamp', stamps,
          ([, offset]) => Math.max(4, xOfOffset(shape, segment.base + offset)),
          ([stamp, offset]) => [`${time(stamp)} → +${offset}`, time(stamp)],
          ([stamp, offset]) => `time index entry: up to offset ${segment.base + offset}, no record is later than ${stamp}`, () => ''));
    }

    function scanNode(cursor, shape) {
      const [from, to] = cursor.scanned.map(position => xOfByte(shape, position));
      return svg('g', { class: 'scan' },
        svg('rect', { x: from - 2, y: strip - 4, width: Math.max(to - from, 2) + 4, height: STRIP + 8, rx: 6 },
          svg('title', null, `scanned bytes ${cursor.scanned[0]} to ${cursor.scanned[1]}`)));
    }

    function flagNode({ text, line, lane, pole, left, cursor, start }) {
      const top = line * row + NAME + lane * LANE + 3;
      const foot = line * row + strip + (cursor ? -4 : STRIP + 3);
      return svg('g', { class: `flag ${cursor ? 'reading' : ''} ${start ? 'start' : ''}` },
        svg('path', { d: `M${pole} ${top}V${foot}` }),
        svg('circle', { cx: pole, cy: top, r: 2.2 }),
        svg('text', { x: pole + (left ? -6 : 6), y: top + 8, 'text-anchor': left ? 'end' : 'start' }, text));
    }
  };

  // Every base offset that a segment ever has gets a place as wide as the segment ever is.
  function place(states, scale, gutter, room) {
    const widths = new Map();
    for (const segment of states.flatMap(state => state.segments)) {
      const name = 24 * SMALL;
      const now = tape(segment, scale).width + (segment.active ? OPEN : 0);
      widths.set(segment.base, Math.max(widths.get(segment.base) || name, now));
    }
    const places = new Map();
    let x = 0;
    let row = 0;
    for (const base of [...widths.keys()].sort((a, b) => a - b)) {
      const w = widths.get(base);
      if (x > 0 && x + w > room) {
        x = 0;
        row += 1;
      }
      places.set(base, { x: x + gutter, w, row });
      x += w + BETWEEN;
    }
    return places;
  }

  function patterns(id) {
    const pattern = (name, d) => svg('pattern', { id: `${id}-${name}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse' }, svg('path', { d, class: name }));
    return svg('defs', null, Object.entries(CODECS).map(([name, d]) => pattern(name, d)), pattern('torn', 'M-1 -1L7 7M-1 5L1 7M5 -1L7 1'));
  }

  // What the pictures of this story hold, and no more.
  function legend(states, id) {
    const segments = states.flatMap(state => state.segments);
    const batches = segments.flatMap(segment => segment.batches);
    const box = (cls, fill) => svg('g', { class: `batch ${cls}` },
      svg('rect', { x: 1, y: 1, width: 24, height: 14, rx: 3 }),
      fill ? svg('rect', { x: 1, y: 1, width: 24, height: 14, rx: 3, fill: `url(#${id}-${fill})`, class: 'weave' }) : null);
    const list = [{ swatch: box(''), text: 'record batch' }];
    for (const codec of Object.keys(CODECS).filter(name => batches.some(batch => batch.codec === name))) {
      list.push({ swatch: box('', codec), text: `compressed with ${codec}` });
    }
    const changes = (a, b) => states.some((state, i) => {
      const [now, past] = [state, states[i - 1] || { segments: [] }].map(one =>
        new Set(one.segments.flatMap(segment => [`${segment.base}`, ...segment.batches.map(keyOf), ...(tailOf(segment) > 0 ? [`torn${segment.base}`] : [])])));
      return [...(a ? now : past)].some(key => !(a ? past : now).has(key)) && b;
    });
    const add = (is, swatch, text) => is && list.push({ swatch, text });
    add(changes(true, true), box('fresh'), 'added by this step');
    add(changes(false, true), box('ghost'), 'removed by this step');
    add(batches.some(batch => !batch.ok), box('bad', 'torn'), 'batch with a wrong CRC');
    add(segments.some(segment => tailOf(segment) > 0), box('torn', 'torn'), 'not a whole batch');
    add(states.some(state => state.cursor), svg('g', { class: 'scan' }, svg('rect', { x: 1, y: 1, width: 24, height: 14, rx: 4 })), 'bytes read to answer');
    add(segments.some(segment => (segment.index || []).length), svg('g', { class: 'entry' }, svg('path', { d: 'M13 3l5 5l-5 5l-5 -5z' })), 'index entry: +offset → byte');
    add(segments.some(segment => (segment.time_index || []).length), svg('g', { class: 'stamp' }, svg('circle', { cx: 13, cy: 8, r: 4 })), 'time index entry: time → +offset');
    return list;
  }

  function inWords(state) {
    const segments = sorted(state.segments, 'base').map(segment => {
      const { batches } = segment;
      const bad = batches.filter(batch => !batch.ok).length;
      const rest = tailOf(segment);
      const content = batches.length
        ? `offsets ${batches[0].base} to ${batches[batches.length - 1].last} in ${batches.length} batch${batches.length > 1 ? 'es' : ''}`
        : 'empty';
      return `Segment ${segment.base}${segment.active ? ', active' : ''}: ${content}, ${segment.size} bytes`
        + `${bad ? `, ${bad} with a wrong CRC` : ''}${rest > 0 ? `, ${rest} torn bytes at its end` : ''}.`;
    });
    const { cursor } = state;
    const reading = cursor ? `A read from offset ${cursor.from} scans bytes ${cursor.scanned.join(' to ')} of segment ${cursor.segment}.` : '';
    return [...segments, `${flags(state).map(flag => flag.text).join(', ')}.`, reading].join(' ').trim();
  }
})();
