'use strict';

// What the views of the story player share: words, textures, flags, batches of records, and the lane of records that a
// partition is. Everything here is a function of its arguments.
//
// Records are drawn with a `look`, the same for a whole story:
//
//   { id,      // of the story: names its textures
//     hues,    // of its keys: huesOf()
//     cell,    // the width of a record
//     tape }   // the height of a batch: tapeOf()
(() => {
  const { svg } = window.StoryPlayer;

  const SMALL = 6.6; // the width of a small character
  const LANE = 17; // the height of a line of flags,
  const LABEL = 16; // of the line on a batch that tells its size, and of other labels,
  const TICKS = 16; // of the offsets below a tape
  const OPEN = 24; // the width of an open end

  const CODECS = {
    gzip: 'M-1 7L7 -1M-1 1L1 -1M5 7L7 5',
    snappy: 'M1.5 1.5h1M4.5 4.5h1',
    lz4: 'M0 1.5h6M0 4.5h6',
    zstd: 'M0 3h6M3 0v6',
  };
  const TEXTURES = { ...CODECS, torn: 'M-1 -1L7 7M-1 5L1 7M5 -1L7 1', ahead: CODECS.gzip };

  const codecOf = batch => (batch.codec && batch.codec !== 'none' ? batch.codec : '');
  const count = (n, one, more = `${one}s`) => `${n} ${n === 1 ? one : more}`;
  const text = (cls, x, y, content, anchor) => content !== '' && svg('text', { class: cls, x, y, 'text-anchor': anchor }, `${content}`);
  const title = content => svg('title', null, content);

  // A box is filled by a texture or by its style. The textures are the page's: `id` tells its stories apart.
  const box = (id, x, y, width, height, texture) =>
    svg('rect', { x, y, width, height, rx: 4, fill: texture && `url(#${id}-${texture})` });
  const textures = id => svg('defs', null, Object.entries(TEXTURES).map(([name, d]) =>
    svg('pattern', { id: `${id}-${name}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse' }, svg('path', { class: name, d }))));

  // The middle goes first: keys often differ in their last character alone.
  function shorten(content, room) {
    const all = [...content];
    const fit = Math.floor(room / SMALL);
    const tail = Math.floor((fit - 1) / 2);
    return all.length <= fit ? content : fit < 2 ? '' : `${all.slice(0, fit - 1 - tail).join('')}…${all.slice(all.length - tail).join('')}`;
  }

  // What stands at which offset. Names that stand at the same one share a flag.
  function marks(state, names) {
    const at = new Map();
    for (const name of names) {
      if (typeof state[name] === 'number') {
        at.set(state[name], [...(at.get(state[name]) || []), name.replace('_', ' ')]);
      }
    }
    return [...at].map(([offset, standing]) => ({ offset, text: `${standing.join(' · ')} ${offset}` }));
  }

  // Finds a line for every flag, the one next to its tape first, so that no text stands on another and no pole crosses a
  // text. A flag has a text, the x of its pole, the row that it belongs to and, if it has a cloth, the length of that.
  function arrange(flags, room) {
    const all = flags.map(flag => {
      const length = flag.text.length * SMALL + 10;
      // To the right of its pole, or to the left, or where there is room.
      const fits = flag.pole + length <= room;
      const left = !fits && flag.pole >= length;
      const from = fits ? flag.pole : left ? flag.pole - length : Math.max(0, room - length);
      return { ...flag, from, to: Math.max(from + length, flag.pole + (flag.cloth || 0)) };
    });
    const within = (x, flag) => x > flag.from && x < flag.to;
    const placed = [];
    for (const flag of all.sort((a, b) => b.pole - a.pole)) {
      const near = placed.filter(other => other.row === flag.row);
      const covered = lane => near.some(other => other.lane === lane && other.from < flag.to && flag.from < other.to);
      const crossed = lane => near.some(other =>
        other.lane > lane ? within(other.pole, flag) : other.lane < lane && within(flag.pole, other));
      const free = [...Array(near.length + 1).keys()].filter(lane => !covered(lane));
      placed.push({ ...flag, lane: free.find(lane => !crossed(lane)) ?? free[0] });
    }
    return placed;
  }

  // A flag whose line begins at `top`, on a pole that begins there and ends at `foot`, below it or above.
  function flag({ text: label, pole, from, to }, top, foot, cls = '') {
    const inside = pole > from && pole < to;
    const tip = foot > top ? top + (inside ? 12 : 0) : top + (inside ? -2 : 10);
    return svg('g', { class: `flag ${cls}` },
      svg('path', { d: `M${pole} ${tip}V${foot}` }), svg('circle', { cx: pole, cy: tip, r: 2.2 }), text('', from + 5, top + 8, label));
  }

  // A hue for every key, in the order in which a story names them, far from the hues of those before it.
  function huesOf(records) {
    const keys = new Set(records.map(one => one.key).filter(key => typeof key === 'string'));
    return new Map([...keys].map((key, i) => [key, Math.round(250 + i * 137.5) % 360]));
  }

  // The height of a batch: its label, and its records with or without a line for keys.
  const tapeOf = hues => LABEL + (hues.size ? 36 : 22);

  function record({ hues, cell, tape }, { offset, key, value }, x, y, mark) {
    const hue = hues.get(key);
    const words = [offset === undefined ? '' : `offset ${offset}`, hue === undefined ? 'no key' : `key ${key}`, value === null || value === undefined ? 'no value' : `value ${value}`];
    return svg('g', { class: `record ${hue === undefined ? 'plain' : ''} ${mark}`, style: hue !== undefined && `--key:${hue}` },
      title(words.filter(Boolean).join(', ')), svg('rect', { x: x + 2.5, y, width: cell - 5, height: tape - LABEL - 3, rx: 2 }),
      hue !== undefined && text('key', x + cell / 2, y + 14, shorten(key, cell - 8), 'middle'),
      text('small', x + cell / 2, y + (hue === undefined ? (tape - LABEL) / 2 + 3 : 27), shorten(`${value ?? '∅'}`, cell - 8), 'middle'));
  }

  // A batch with its records, each as wide as a cell. `sign` stands before its size. The records from `had` on are those
  // that the step added to it.
  function batch(look, one, x, y, { mark = '', sign = '', had = one.records.length, words = '' } = {}) {
    const { id, cell, tape } = look;
    const kept = typeof one.base === 'number';
    const place = kept ? offset => offset - one.base : (_, i) => i;
    const w = cell * (kept ? one.last - one.base + 1 : one.records.length);
    const [codec, size] = [codecOf(one), typeof one.bytes === 'number' ? `${one.bytes} B` : ''];
    const said = words => words.filter(Boolean).join(' ');
    const label = [[sign, size, codec], [sign, size], [sign]].map(said).find(line => line.length * SMALL <= w - 6) || '';
    return svg('g', { class: `batch ${mark}`, 'data-batch': kept && one.base },
      title([kept && `offsets ${one.base} to ${one.last}`, count(one.records.length, 'record'), size, codec, words].filter(Boolean).join(', ')),
      box(id, x + 1, y, w - 2, tape), codec in CODECS && box(id, x + 1, y, w - 2, LABEL, codec),
      text('small', x + w / 2, y + 12, label, 'middle'),
      one.records.map((it, i) => record(look, it, x + cell * place(it.offset, i), y + LABEL, i < had ? '' : 'fresh')));
  }

  // The end of something that grows.
  const open = ({ tape }, x, y, w) => svg('path', { class: 'open', d: `M${x} ${y + 0.5}h${w}m0 ${tape - 1}h${-w}` });

  // A partition's batches, or a replica's, from left to right, each record at its offset: { start, end, batches }, or null
  // where there is none. `past` is the same before the step: what is no longer there is a ghost. `at` tells the x of an
  // offset. Returns the node, and the edges of what the step changed.
  function lane(look, now, past, at, y) {
    const keyOf = one => JSON.stringify([one.base, one.last, one.records]);
    const [have, had] = [now, past].map(one => new Set(((one && one.batches) || []).map(keyOf)));
    const { tape, cell } = look;
    const { start, end, batches } = now || past;
    const every = Math.ceil((`${end}`.length * SMALL + 6) / cell); // so that numbers do not touch
    const gone = past && now ? past.batches.filter(one => !have.has(keyOf(one))) : [];
    const fresh = batches.filter(one => !had.has(keyOf(one)));
    const first = Math.min(start, ...batches.map(one => one.base));
    const ticks = batches.flatMap(one => one.records.map(it => it.offset)).filter((_, i) => i % every === 0);
    const node = svg('g', { class: now ? (past ? 'lane' : 'lane fresh') : 'lane ghost' },
      svg('rect', { class: 'track', x: at(first), y, width: at(end) - at(first), height: tape, rx: 5 }),
      now && open(look, at(end), y, OPEN),
      now && text('end', at(end) + 7, y + tape / 2 + 4, `end ${end}`),
      gone.map(one => batch(look, one, at(one.base), y, { mark: 'ghost' })),
      batches.map(one => batch(look, one, at(one.base), y, { mark: fresh.includes(one) ? 'fresh' : '' })),
      start > first && svg('rect', { class: 'below', x: at(first), y, width: at(start) - at(first), height: tape, rx: 5 }, title('Before the log start: in the file, and no longer read.')),
      ticks.map(offset => text('', at(offset) + cell / 2, y + tape + 14, offset, 'middle')));
    return { node, touched: [...gone, ...fresh].flatMap(one => [at(one.base), at(one.last + 1) + OPEN]) };
  }

  // A legend of those lines that a story needs: [whether, swatch, text].
  const legend = lines => lines.filter(([is]) => is).map(([, swatch, meaning]) => ({ swatch, text: meaning }));
  const swatch = (id, cls, texture) => {
    const rect = fill => svg('rect', { x: 1, y: 1, width: 24, height: 14, rx: 3, fill });
    return svg('g', { class: cls }, rect(), texture && rect(`url(#${id}-${texture})`));
  };
  const codecs = (id, batches) => Object.keys(CODECS).map(codec =>
    [batches.some(one => one.codec === codec), swatch(id, 'batch', codec), `compressed with ${codec}`]);

  window.StoryPlayer.parts = {
    SMALL, LANE, LABEL, TICKS, OPEN, CODECS,
    codecOf, count, tapeOf, shorten, text, title, box, textures, marks, arrange, flag, huesOf, batch, open, lane, legend, swatch, codecs,
  };
})();
