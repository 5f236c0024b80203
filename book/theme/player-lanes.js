'use strict';

// What stands in a lane of the view `replicas`: the log of a replica, or what clients were told.
//
//   broker 1           ⚑HW 1
//   leader · epoch 0  ┌────────┐┌ ─ ─ ─ ┐▐
//   ● in sync         │paid 10 │ paid 20 ▐ LEO 2     a record below the high watermark stands in the committed band,
//                     └────────┘└ ─ ─ ─ ┘▐           one above it is dashed
//                     ━━━━━━━━━━┫                    on disk, as far as it was flushed
//                         0    │    1
//   known ends      ③         ②        ①             how far the leader knows each log to reach: the high watermark
//                                                    stands on the least of those in sync
//
// Producers and transactions, where a story has any, make it higher: see player-producers.js.
//
// A follower shows in that last line what the leader believes of it, where this is not the truth. Everything here is drawn
// from a plan, which says where things are (see player-replicas.js), and from a state and the one before it.
(() => {
  const { svg, parts, verdicts, fates } = window.StoryPlayer;
  const { SMALL, text, title, shorten } = parts;
  const { STRIP, KNOWN, strips, marker, stable, known } = parts.producers;
  const { recordAt, sameRecord } = verdicts;
  const { fates: fatesOf } = fates;

  const FLAG = 19; // the heights of a replica's lines: the high watermark's flag,
  const STABLE = 18; // that of the last stable offset above it, where there are transactions,
  const RECORD = 42; // the records,
  const TICKS = 19; // their offsets,
  const HEARD = 21; // and what the leader heard
  const PIN = 7.5; // the radius of a pin
  const ROW = 19; // the height of a row of what clients were told
  const LARGE = 84; // the width from which a record's value is set larger

  // The heights of a replica's block: of its flags, its records, and where pins are, from its top.
  function measure({ numbered, txn, rows }) {
    const flag = FLAG + (txn ? STABLE : 0);
    const tape = RECORD + (numbered ? STRIP + 1 : 0) + (txn ? STRIP : 0);
    const block = flag + tape + TICKS + HEARD;
    return { flag, tape, pins: block - HEARD / 2, block: at => block + (rows(at).length ? rows(at).length * KNOWN + 5 : 0) };
  }

  // Something that stood elsewhere before the step comes from there, and leaves a trail.
  const isElsewhere = (from, to) => typeof from === 'number' && from !== to;
  const comes = (cls, from, to) => (isElsewhere(from, to) ? { class: `${cls} moves`, style: `--from:${from - to}px` } : { class: cls });
  const trail = (cls, from, to, y) => isElsewhere(from, to) && svg('path', { class: `trail ${cls}`, d: `M${from} ${y}H${to}` });

  // A record at its offset. One that the step brought comes down the column, or up, from where it was: `source`.
  function cell(plan, { epoch, key, value, offset }, y, cls, source) {
    const { x, cell: w, hues } = plan;
    const shown = `${value ?? '∅'}`;
    return svg('g', { class: `record ${cls}`, style: `--key:${hues.get(epoch) ?? 250}${source ? `;--from:${source}px` : ''}`, 'data-offset': offset },
      title(`offset ${offset}, epoch ${epoch}${key === null || key === undefined ? '' : `, key ${key}`}, value ${shown}`),
      svg('rect', { x: x(offset) + 2.5, y: y + 1, width: w - 5, height: RECORD - 2, rx: 3 }),
      text(w > LARGE ? 'value large' : 'value', x(offset) + w / 2, y + 18, shorten(shown, w > LARGE ? (w - 10) * 0.84 : w - 8), 'middle'),
      text('epoch', x(offset) + w / 2, y + 33, w > 9 * SMALL ? `epoch ${epoch}` : `e${epoch}`, 'middle'));
  }

  // The records of a replica, and as ghosts those that the step took from it. `wrong` tells why an offset is in alarm.
  function tape(plan, now, past, y, wrong, source) {
    const had = one => past && past.records.find(other => other.offset === one.offset && sameRecord(other, one));
    const gone = past ? past.records.filter(one => one.offset >= now.start && !recordAt(now, one.offset) && !wrong.missing.includes(one.offset)) : [];
    const { x, cell: w } = plan;
    const fates = fatesOf(now);
    const draw = (one, cls, from) => (one.marker ? marker(plan, one, y, cls, from) : cell(plan, one, y, cls, from));
    return [
      gone.map(one => draw(one, 'ghost', 0)),
      now.records.map(one => {
        const [loose, forked] = [one.offset >= now.high_watermark ? 'loose' : '', wrong.forked.includes(one.offset) ? 'forked' : ''];
        const come = had(one) ? '' : source ? 'fresh copied' : 'fresh';
        const fate = (fates.get(one.offset) || { fate: '' }).fate;
        return draw(one, [loose, forked, come, fate === 'aborted' ? fate : ''].join(' '), come ? source : 0);
      }),
      plan.numbered && strips(plan, now, past, y + RECORD, source),
      wrong.missing.filter(offset => offset >= now.start && !recordAt(now, offset)).map(offset => svg('g', { class: 'missing' },
        svg('rect', { x: x(offset) + 2.5, y: y + 1, width: w - 5, height: RECORD - 2, rx: 3 }),
        text('word', x(offset) + w / 2, y + 34, w > 6 * SMALL + 8 ? '✕ gone' : '✕', 'middle'))),
    ];
  }

  // What consumers may see: the band below the high watermark, and its flag.
  function committed(plan, now, past, y, foot) {
    const { x } = plan;
    const [from, to] = [x(now.start), x(now.high_watermark)];
    const was = past ? x(past.high_watermark) : to;
    const grows = to > from && was !== to ? Math.max(0, (was - from) / (to - from)) : null;
    const leads = now.role === 'leader';
    const top = y - FLAG + 3;
    const label = `HW ${now.high_watermark}`;
    const meaning = plan.txn ? ['committed', ''] : leads ? ['committed: consumers see it', 'consumers see it', 'committed', ''] : ['committed', ''];
    const words = to > from ? meaning.find(it => it.length * SMALL <= to - from - 7) : '';
    return {
      band: to > from && svg('rect', { class: grows === null ? 'committed' : 'committed grows', style: grows !== null && `--from:${grows}`,
        x: from, y: top, width: to - from, height: FLAG + plan.tape + 6, rx: 3 }),
      trail: trail('high', past && was, to, top),
      flag: svg('g', comes('flag high', past && was, to), title(`high watermark ${now.high_watermark}: what this replica knows to be committed`),
        svg('path', { d: `M${to} ${top}V${foot}` }),
        svg('path', { class: 'cloth', d: `M${to} ${top}h${label.length * SMALL + 13}l-4 7.5l4 7.5H${to}z` }), text('', to + 4, top + 11, label)),
      words: text(grows === null ? 'meaning' : 'meaning follows', from + 5, top + 11, words),
    };
  }

  // Where the log ends, and how far it is on disk.
  function ends(plan, now, past, y) {
    const { x, tape: h } = plan;
    const end = x(now.end);
    const disk = Math.min(now.flushed ?? 0, now.end);
    return [
      disk > now.start && svg('g', { class: 'disk' }, title(`on disk: all below offset ${disk} was flushed`),
        svg('path', { d: `M${x(now.start) + 3} ${y + h + 3}H${x(disk)}` }), svg('path', { class: 'stop', d: `M${x(disk)} ${y + h - 0.5}v7` })),
      svg('g', comes('leo', past && x(past.end), end), title(`log end offset ${now.end}: the next record goes here`),
        svg('path', { d: `M${end + 2.5} ${y - 3}v${h + 6}` }), text('end', end + 9, y + 15, `LEO ${now.end}`)),
    ];
  }

  // How far the leader knows each log to reach. Those of which it heard nothing wait left of the log.
  function heard(plan, now, past, y) {
    const place = replica => {
      const all = [{ id: replica.own, end: replica.end }, ...replica.followers].sort((a, b) => a.id - b.id);
      const silent = all.filter(one => one.end === null);
      const from = plan.x(plan.first) - 2 * PIN - 1;
      return new Map(all.map(one => {
        const same = all.filter(other => other.end === one.end);
        const spread = (same.indexOf(one) - (same.length - 1) / 2) * (2 * PIN + 1);
        const left = silent.indexOf(one);
        return [one.id, { ...one, x: left < 0 ? plan.x(one.end) + spread : from - (silent.length - 1 - left) * (2 * PIN + 2) }];
      }));
    };
    const [here, before] = [place(now), past ? place(past) : new Map()];
    const counts = [...now.in_sync, ...(now.pending || [])];
    const was = id => (before.get(id) || {}).x;
    const pins = [...here.values()];
    const pin = ({ id, end, x }) => svg('g', comes(`pin ${counts.includes(id) && end !== null ? '' : 'out'}`, was(id), x),
      title(end === null ? `the leader has not heard of broker ${id} in this epoch` : `the leader knows that the log of broker ${id} reaches ${end}`),
      end !== null && svg('path', { d: `M${x} ${y - PIN - 1}V${y - PIN - 4}` }), svg('circle', { cx: x, cy: y, r: PIN }), text('', x, y + 4, id, 'middle'));
    return [pins.map(({ id, x }) => trail('', was(id), x, y)), pins.map(pin)];
  }

  // What the leader believes of a follower, where that is not so.
  function belief(plan, now, told, y) {
    const { x, width, first } = plan;
    const silent = told.end === null;
    const words = silent ? 'the leader has not heard of it' : `the leader heard ${told.end}`;
    const [from, to] = [x(silent ? first : told.end), x(now.end)];
    const room = words.length * SMALL + 12;
    return svg('g', { class: 'belief' }, title('What the leader believes of this log’s end. It learns the truth from the next fetch.'),
      !silent && from !== to && svg('path', { class: 'gap', d: `M${from} ${y - 5}H${to}` }),
      !silent && svg('path', { class: 'tip', d: `M${from} ${y - 10}l5 8h-10z` }),
      text('', Math.min(from + 9, width - room), y + 5, words));
  }

  // A replica, its flag's line at `top`. `told` is what the leader believes of it, and `source` is how far away its records
  // come from.
  function replica(plan, now, past, top, told, wrong, source) {
    const { x, cell: w } = plan;
    const h = plan.tape;
    const y = top + plan.flag;
    const pins = top + plan.pins;
    const leads = now.role === 'leader';
    const stands = leads && [now, ...now.followers].some(one => one.end === now.high_watermark);
    const { band, flag, words, trail: way } = committed(plan, now, past, y, stands ? pins - PIN : y + h + 6);
    const offsets = now.records.map(one => one.offset);
    const every = Math.ceil((`${now.end}`.length * SMALL + 6) / w);
    const epochs = now.epochs.map(one => `epoch ${one.epoch} from offset ${one.start}`).join(', ');
    return svg('g', { class: 'replica' }, title(`${now.at}${epochs && `: ${epochs}`}`),
      band, words,
      svg('path', { class: 'floor', d: `M${x(plan.first)} ${y + h + 3}H${x(plan.beyond)}` }),
      tape(plan, now, past, y, wrong, source), ends(plan, now, past, y),
      offsets.filter((_, i) => i % every === 0).map(offset => text('tick', x(offset) + w / 2, y + h + 16, offset, 'middle')),
      plan.txn && stable(plan, now, past, top + 2, y + h + 3, leads),
      known(plan, now, past, pins + HEARD / 2),
      way, flag, leads ? heard(plan, now, past && past.role === 'leader' ? past : null, pins) : told && told.end !== now.end && belief(plan, now, told, pins));
  }

  // What clients were told, a row of cells below the columns of the logs. Two values at one offset stand one below the other.
  function rows(list) {
    const taken = new Map();
    return list.map(one => {
      const row = taken.get(one.offset) || 0;
      taken.set(one.offset, row + 1);
      return { ...one, row };
    });
  }
  const depth = list => rows(list).reduce((most, one) => Math.max(most, one.row + 1), 0);

  function told(plan, list, past, y, cls, sign, bad, source) {
    const { x, cell: w } = plan;
    const is = (one, other) => one.at === other.at && one.offset === other.offset && one.value === other.value;
    return rows(list).map(one => {
      const [wrong, fresh] = [bad.some(other => is(one, other)), !past.some(other => is(one, other))];
      const left = x(one.offset);
      const come = !fresh ? '' : source ? 'fresh copied' : 'fresh';
      return svg('g', { class: `told ${cls} ${wrong ? 'bad' : ''} ${come}`, style: come && source && `--from:${source}px`, 'data-offset': one.offset },
        title(`${one.at}@${one.offset} ${one.value ?? '∅'}`),
        svg('rect', { x: left + 2.5, y: y + one.row * ROW + 1, width: w - 5, height: ROW - 3, rx: 3 }),
        text('', left + w / 2, y + one.row * ROW + 12.5, `${wrong ? '✕' : sign} ${shorten(`${one.value ?? '∅'}`, w - 10 - 2 * SMALL)}`, 'middle'));
    });
  }

  parts.lanes = { ROW, measure, replica, told, depth };
})();
