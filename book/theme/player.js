'use strict';

// The story player: plays the trace of a story, one step at a time.
//
//   <figure class="story">          made by press for {{#story name}}
//     <figcaption>                  the title
//     <details class="story-text">  the story as text: all there is without scripts
//     <script class="story-trace">  { title, view, steps: [{ comment, command, answer, state }] }
//
// mount() puts a player between the title and the text. What a state looks like is a view's business. A view is chosen
// by the trace's `view` and registered in StoryPlayer.views, here or in a script that is loaded later:
//
//   StoryPlayer.views.name = (trace, width, id) => ({
//     width, height,                // of the picture, the same for all steps: nothing on the page moves
//     legend,                       // [{ swatch: SVG node, text }]
//     opening,                      // the step to begin at, counted from 0: the first that shows something
//     draw(step),                   // { nodes: SVG nodes, text: the state in words, focus: [x, x] or null }
//   })
//
// What several views need is in player-parts.js.
//
// A picture is a function of the step alone. It compares the step's state with the one before: what the step added is
// marked, what it removed is still there as a ghost. So a step means the same whether one arrives forwards or backwards.

window.StoryPlayer = (() => {
  const views = {};
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  const INTERVAL = 1900;

  const put = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined && value !== false) {
        node.setAttribute(name, value === true ? '' : value);
      }
    }
    node.append(...children.flat(2).filter(child => child instanceof Node || typeof child === 'string'));
    return node;
  };
  const html = (name, attributes, ...children) => put(document.createElement(name), attributes, children);
  const svg = (name, attributes, ...children) =>
    put(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

  const ICONS = {
    first: 'M5 4v12h2V4zM16 4l-8 6 8 6z',
    back: 'M14 4l-8 6 8 6z',
    play: 'M6 3.5l10 6.5-10 6.5z',
    pause: 'M5 4h3.6v12H5zM11.4 4H15v12h-3.6z',
    forward: 'M6 4l8 6-8 6z',
    last: 'M4 4l8 6-8 6zM13 4h2v12h-2z',
  };
  const icon = name =>
    svg('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d: ICONS[name] }));

  function mount(figure) {
    const trace = JSON.parse(figure.querySelector('.story-trace').textContent);
    const steps = trace.steps;
    const view = views[trace.view];
    if (!view || !steps.length || figure.querySelector('.player')) {
      return null;
    }
    const id = figure.id || 'story';
    let at = 0;
    let timer = null;
    let picture = null;

    // A comment introduces the steps that follow it, so it stays until the next.
    const comments = [];
    steps.forEach((step, i) => comments.push(step.comment || comments[i - 1] || ''));

    const button = (name, label, act) => {
      const node = html('button', { type: 'button', class: `player-${name}`, 'aria-label': label, title: label }, icon(name));
      node.addEventListener('click', act);
      return node;
    };
    const play = button('play', 'Play', () => (timer === null ? start() : stop()));
    const first = button('first', 'First step', () => go(0));
    const back = button('back', 'Step back', () => go(at - 1));
    const forward = button('forward', 'Step forward', () => go(at + 1));
    const last = button('last', 'Last step', () => go(steps.length - 1));
    const scrubber = html('input', { type: 'range', min: 1, max: steps.length, step: 1, value: 1, 'aria-label': 'Step' });
    const count = html('span', { class: 'player-count', 'aria-hidden': 'true' });
    const speed = html('select', { 'aria-label': 'Speed' },
      ['0.5', '1', '2', '4'].map(value => html('option', { value, selected: value === '1' }, `${value}×`)));
    const stage = html('div', { class: 'player-stage' });
    const caption = html('div', { class: 'player-caption' });
    const legend = html('ul');
    const player = html('div', { class: 'player', role: 'group', tabindex: 0, 'aria-label': `Player: ${trace.title}` },
      caption,
      stage,
      html('div', { class: 'player-controls' },
        html('div', { class: 'player-buttons' }, first, back, play, forward, last),
        html('div', { class: 'player-way' }, scrubber, count, speed)),
      html('details', { class: 'player-legend' }, html('summary', null, 'Marks and keys'), legend,
        html('p', null, 'Keys: space plays and pauses, ← and → step, Home and End go to the first and the last step.')));

    const captionOf = i => {
      const { command, answer, state } = steps[i];
      return [
        html('p', { class: 'player-comment' }, comments[i]),
        html('div', { class: 'player-said' },
          html('p', { class: 'player-command' }, command || ''),
          answer ? html('pre', { class: 'player-answer' }, answer.trimEnd()) : null,
          state && state.note ? html('p', { class: 'player-note' }, state.note) : null),
      ];
    };

    // The caption is as high as its highest, so that the picture below it stands still.
    function measure() {
      const probe = html('div', { class: 'player-caption', 'aria-hidden': 'true', style: 'visibility:hidden;position:absolute;inset:0 0 auto' });
      player.append(probe);
      let height = 0;
      steps.forEach((_, i) => {
        probe.replaceChildren(...captionOf(i));
        height = Math.max(height, probe.offsetHeight);
      });
      probe.remove();
      caption.style.minHeight = `${height}px`;
    }

    function layOut() {
      const width = Math.max(240, stage.clientWidth);
      if (picture && picture.asked === width) {
        return;
      }
      const isFirst = !picture;
      picture = view(trace, width, id);
      if (isFirst) {
        at = Math.max(0, picture.opening || 0);
      }
      picture.asked = width;
      measure();
      legend.replaceChildren(...picture.legend.map(one => html('li', null,
        svg('svg', { width: 26, height: 16, viewBox: '0 0 26 16', 'aria-hidden': 'true' }, one.swatch), one.text)));
      show(false);
    }

    function show(follow) {
      const { nodes, text, focus } = picture.draw(at);
      const { width, height } = picture;
      stage.replaceChildren(svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': text }, nodes));
      caption.replaceChildren(...captionOf(at));
      scrubber.value = at + 1;
      scrubber.setAttribute('aria-valuetext', `step ${at + 1} of ${steps.length}: ${steps[at].command || ''}`);
      scrubber.style.setProperty('--done', `${steps.length > 1 ? (100 * at) / (steps.length - 1) : 100}%`);
      count.textContent = `${at + 1} / ${steps.length}`;
      first.disabled = back.disabled = at === 0;
      forward.disabled = last.disabled = at === steps.length - 1;
      player.dataset.step = at + 1;
      if (follow && focus) {
        scrollTo(focus);
      }
    }

    // Only the picture's own box scrolls, and only if what changed is out of sight.
    function scrollTo([from, to]) {
      const left = stage.scrollLeft;
      if (from < left || to > left + stage.clientWidth) {
        const target = Math.min(from - 24, Math.max(0, to - stage.clientWidth + 24));
        stage.scrollTo({ left: from < left ? from - 24 : Math.max(target, 0), behavior: calm.matches ? 'auto' : 'smooth' });
      }
    }

    function go(to, keepPlaying) {
      if (!keepPlaying) {
        stop();
      }
      const next = Math.min(Math.max(to, 0), steps.length - 1);
      if (next !== at) {
        at = next;
        show(true);
      }
    }

    function tick() {
      go(at + 1, true);
      timer = null;
      if (at < steps.length - 1) {
        timer = setTimeout(tick, INTERVAL / Number(speed.value));
      } else {
        stop();
      }
    }

    function start() {
      if (at === steps.length - 1) {
        go(0);
      }
      timer = setTimeout(tick, INTERVAL / Number(speed.value) / 2);
      playing(true);
    }

    function stop() {
      clearTimeout(timer);
      timer = null;
      playing(false);
    }

    function playing(is) {
      const label = is ? 'Pause' : 'Play';
      play.replaceChildren(icon(is ? 'pause' : 'play'));
      play.title = label;
      play.setAttribute('aria-label', label);
      player.dataset.playing = is;
      // While it plays, announcing each step would talk over itself.
      caption.setAttribute('aria-live', is ? 'off' : 'polite');
    }

    const keys = {
      ArrowLeft: () => go(at - 1),
      ArrowRight: () => go(at + 1),
      Home: () => go(0),
      End: () => go(steps.length - 1),
      ' ': () => (timer === null ? start() : stop()),
    };
    player.addEventListener('keydown', event => {
      const own = event.target.nodeName === 'SELECT' || (event.key === ' ' && event.target.nodeName === 'BUTTON');
      if (own || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !keys[event.key]) {
        return;
      }
      // The page turns to the next chapter on the same keys.
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    });
    scrubber.addEventListener('input', () => go(Number(scrubber.value) - 1));
    // What must stay in sight when the picture scrolls goes with it: see .stays.
    stage.addEventListener('scroll', () => stage.style.setProperty('--scrolled', `${stage.scrollLeft}px`), { passive: true });

    const text = figure.querySelector('.story-text');
    figure.insertBefore(player, text);
    text.open = false;
    playing(false);
    layOut();
    new ResizeObserver(layOut).observe(stage);
    document.fonts.ready.then(measure);
    return player;
  }

  function mountAll() {
    // On paper, and on the page that is made for it, a story is its text.
    if (document.querySelector('meta[name="robots"][content="noindex"]')) {
      return;
    }
    document.querySelectorAll('figure.story').forEach(figure => {
      try {
        mount(figure);
      } catch (error) {
        // The text is there and says the same.
        console.error(`story ${figure.dataset.story}:`, error);
      }
    });
  }

  window.addEventListener('beforeprint', () => document.querySelectorAll('.story-text').forEach(text => (text.open = true)));
  // Views of other scripts register before this runs.
  document.addEventListener('DOMContentLoaded', mountAll);

  return { views, mount, svg };
})();
