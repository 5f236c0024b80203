'use strict';

// What machines say to each other in a step of the view `replicas`, and where nothing gets through.
//
//   broker 1    │    ▲ ┌───────────────────────────┐
//               │    │ │ 1 record; high watermark 1 │    a chip stands in the lane of who says it,
//   ────────────┼────┼─└─┬─────────────────────────┘
//               ▼    │   ▼                               its arrow ends at the lane of whom it is for
//   broker 2  ┌─┴────┴──────┐
//             │ fetch from 1 │
//
// Older stands left of newer. Where a log leaves no room beside it, chips stand below it, and their arrows right of it.
(() => {
  const { svg, parts } = window.StoryPlayer;
  const { SMALL, text, title, count } = parts;

  const LINE = 14; // the height of a line of a chip,
  const PAD = 7; // the space left and right of it,
  const APART = 4; // and between chips
  const BESIDE = 9; // from an arrow to the edge of its chip, and between the arrows of one chip
  const ROOM = 210; // what is left to the newest chip beside a log
  const MOST = 8; // the most chips of a step
  const NEAR = 8; // how far from a lane nothing gets on

  const widest = lines => Math.max(...lines.map(line => line.length));
  const unique = list => [...new Set(list)];

  // Breaks a text at spaces, so that no line has more characters than that, if its words allow it.
  function wrap(content, fit) {
    const lines = [''];
    for (const word of content.split(' ')) {
      const line = lines[lines.length - 1];
      if (line && line.length + 1 + word.length > fit) {
        lines.push(word);
      } else {
        lines[lines.length - 1] = line ? `${line} ${word}` : word;
      }
    }
    return lines;
  }

  // A machine that has no lane is some client.
  const laneOf = (lanes, name) => lanes.find(one => one.name === name) || lanes.find(one => one.kind === 'client') || null;

  // What is said to several at once is one chip. What is said again in a step is counted, and stands where it was said
  // last. Of much only the end is told.
  function saidIn({ messages }) {
    let all = [];
    for (const { from, to, what, lost } of messages) {
      const same = one => one.from === from && one.what === what && one.lost === Boolean(lost);
      const [last, again] = [all[all.length - 1], all.find(one => same(one) && one.times.has(to))];
      if (again) {
        again.times.set(to, again.times.get(to) + 1);
        all = [...all.filter(one => one !== again), again];
      } else if (last && same(last)) {
        last.times.set(to, 1);
      } else {
        all.push({ from, what, lost: Boolean(lost), times: new Map([[to, 1]]) });
      }
    }
    const chips = all.map(one => ({ ...one, to: [...one.times.keys()], times: Math.max(...one.times.values()) }));
    return { chips: chips.slice(-MOST), earlier: Math.max(0, chips.length - MOST) };
  }

  // The chips of a step, each with its place in the lane of who says it, and how far they fill each lane.
  function chips(plan, state) {
    const { aside, asked, zone, lanes } = plan;
    const { chips: all, earlier } = saidIn(state);
    const filled = new Map();
    const arrows = all.reduce((sum, one) => sum + one.to.length, 0);
    const step = aside ? Math.min(26, (zone - ROOM) / arrows) : Math.min(15, 84 / arrows);
    let at = aside ? asked - zone + BESIDE + 3 : asked - 18 - (arrows - 1) * step;
    const placed = all.map(one => {
      const [home, goals] = [laneOf(lanes, one.from), one.to.map(name => laneOf(lanes, name))];
      const ways = goals.map((goal, i) => ({ goal, x: at + i * step }));
      const [first, last] = [at, at + (goals.length - 1) * step];
      at += goals.length * step;
      const words = `${one.what}${one.times > 1 ? ` ×${one.times}` : ''}${one.lost ? ' ✕ lost' : ''}`;
      const lines = wrap(words, Math.floor((aside ? asked - first - PAD : last - PAD) / SMALL) - 2);
      const w = Math.max(widest(lines) * SMALL + 2 * PAD, last - first + 2 * BESIDE);
      const [y, h] = [filled.get(home) || 0, lines.length * LINE + 5];
      filled.set(home, y + h + APART);
      return { ...one, words, lines, home, ways, left: aside ? first - BESIDE : last + BESIDE - w, w, h, y };
    });
    return { placed: placed.filter(one => one.home), earlier, filled };
  }

  function arrow({ home, lost, h }, top, { goal, x }, walls, i) {
    const down = goal.y > home.y;
    const edge = down ? goal.y + 1 : goal.y + goal.h - 1;
    const back = down ? -1 : 1;
    const stop = walls.find(one => one.lane === home && one.above !== down) || { lane: goal, above: down };
    const tip = lost ? middleOf(stop) : edge;
    return svg('g', { class: `message ${lost ? 'lost' : ''}`, style: `--i:${i}` },
      svg('path', { class: 'flight', pathLength: 1, d: `M${x} ${down ? top + h : top}V${tip + (lost ? 0 : back * 6)}` }),
      lost ? svg('path', { class: 'cross', d: `M${x - 5} ${tip - 5}l10 10m0 -10l-10 10` }) : svg('path', { class: 'head', d: `M${x} ${tip}l4.5 ${back * 9}h-9z` }));
  }

  // A high watermark on its way has the colour of those in the logs.
  const carried = line => line.split(/(high watermark \d+)/).map((it, i) => (i % 2 ? svg('tspan', { class: 'carried' }, it) : it));

  function chip({ from, to, words, lines, lost, left, w, h }, top, i) {
    return svg('g', { class: `chip ${lost ? 'lost' : ''}`, style: `--i:${i}` }, title(`${from} to ${to.join(', ')}: ${words}`),
      svg('rect', { x: left, y: top, width: w, height: h, rx: 5 }),
      lines.map((line, k) => svg('text', { x: left + PAD, y: top + 13 + k * LINE }, carried(line))));
  }

  // Where nothing gets through. Each cut is told once, with the machine that is cut off from most.
  function wallsOf(lanes, cuts) {
    const walls = [];
    let left = cuts.filter(({ from, to }) => laneOf(lanes, from) && laneOf(lanes, to));
    while (left.length) {
      const all = unique(left.flatMap(({ from, to }) => [from, to]));
      const degree = name => left.filter(({ from, to }) => from === name || to === name).length;
      const name = all.reduce((a, b) => (degree(b) > degree(a) ? b : a));
      const [lane, mine] = [laneOf(lanes, name), left.filter(({ from, to }) => from === name || to === name)];
      left = left.filter(one => !mine.includes(one));
      const others = unique(mine.map(({ from, to }) => (from === name ? to : from))).map(other => {
        const [out, into] = [mine.some(one => one.to === other), mine.some(one => one.from === other)];
        return { other, way: out && into ? '⇄' : out ? '→' : '←', above: laneOf(lanes, other).y < lane.y };
      });
      for (const above of [true, false]) {
        const there = others.filter(one => one.above === above);
        const ways = unique(there.map(one => one.way)).map(way => `${way} ${there.filter(one => one.way === way).map(one => one.other).join(', ')}`);
        if (ways.length) {
          walls.push({ lane, above, words: `✂ cut: ${name} ${ways.join('; ')}` });
        }
      }
    }
    return walls;
  }

  const middleOf = ({ lane, above }) => (above ? lane.y - NEAR : lane.y + lane.h + NEAR);

  function wall({ id, asked, aside, zone }, { words, ...one }) {
    const y = middleOf(one) - 3;
    const from = aside ? asked - zone - 20 : 0;
    const fit = Math.floor((asked - from - 30) / SMALL);
    const shown = words.length > fit ? `${words.slice(0, fit - 1)}…` : words;
    const w = shown.length * SMALL + 12;
    const left = aside ? asked - w - 8 : 8;
    return svg('g', { class: 'wall' }, title(words),
      [null, `url(#${id}-torn)`].map(fill => svg('rect', { class: 'bar', x: from, y, width: asked - from, height: 6, rx: 3, fill })),
      svg('rect', { class: 'sign', x: left, y: y - 5, width: w, height: 16, rx: 4 }), text('', left + 6, y + 7, shown));
  }

  // All that lies between the lanes.
  function said(plan, state) {
    const { placed, earlier } = chips(plan, state);
    const walls = wallsOf(plan.lanes, state.cuts);
    const top = one => one.home.y + one.home.chips + one.y;
    return svg('g', { class: 'said stays' },
      walls.map(one => wall(plan, one)),
      placed.flatMap((one, i) => one.ways.filter(way => way.goal && way.goal !== one.home).map(way => arrow(one, top(one), way, walls, i))),
      placed.map((one, i) => chip(one, top(one), i)),
      earlier > 0 && text('', plan.asked - 8, plan.lanes[0].y - 4, `${count(earlier, 'earlier message')} not shown`, 'end'));
  }

  parts.said = { wrap, chips, said };
})();
