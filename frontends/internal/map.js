/** The service map: who tells whom what, drawn from the contracts as `/services.json` has them. */

import { byId, drawn, element } from '../common/dom.js';

const BOX = { width: 168, height: 62 };
const SIZE = { width: 960, height: 380 };
const KINDS = { event: 'hears', message: 'is sent', join: 'is joined by' };

let chosen = null;

/** Draw it. */
export function showMap({ services, links }) {
  const places = placed(services.map(({ name }) => name));
  const between = gathered(links.filter((each) => each.from !== each.to));
  const svg = drawn(
    'svg',
    { class: 'map', viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: 'group', 'aria-label': 'The services and what they tell one another' },
    drawn('defs', {}, arrow('arrow', ''), arrow('arrow-join', 'join')),
    between.map((each) => edge(each, places)),
    services.map((each) => node(each, places.get(each.name), () => choose(each, svg, links))),
  );
  byId('map').replaceChildren(svg);
}

/** Around an ellipse, so that no line runs through a box. */
function placed(names) {
  const turn = (2 * Math.PI) / names.length;
  const start = names.length % 2 ? -Math.PI / 2 : -Math.PI / 2 - turn / 2;
  return new Map(
    names.map((name, at) => [
      name,
      {
        x: SIZE.width / 2 + (SIZE.width - BOX.width - 24) / 2 * Math.cos(start + at * turn) * (names.length > 4 ? 1 : 1.12),
        y: SIZE.height / 2 + (SIZE.height - BOX.height - 24) / 2 * Math.sin(start + at * turn) * (names.length > 4 ? 1 : 1.2),
      },
    ]),
  );
}

/** One line for each pair and kind, with the names of all that goes along it. */
function gathered(links) {
  const found = new Map();
  for (const { kind, from, to, name } of links) {
    const key = [kind, from, to].join(' ');
    const line = found.get(key) ?? { kind, from, to, names: new Set() };
    found.set(key, { ...line, names: line.names.add(name) });
  }
  return [...found.values()];
}

const arrow = (id, name) =>
  drawn(
    'marker',
    { id, class: name, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' },
    drawn('path', { d: 'M0 0 8 4 0 8z' }),
  );

function edge({ kind, from, to, names }, places) {
  const [start, end] = [places.get(from), places.get(to)];
  // Each kind has a track of its own, and so has the way back.
  const bend = { event: 26, message: 58, join: -12 }[kind];
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const length = Math.hypot(dx, dy) || 1;
  const middle = { x: (start.x + end.x) / 2 - (dy / length) * bend, y: (start.y + end.y) / 2 + (dx / length) * bend };
  const [a, b] = [border(start, middle), border(end, middle)];
  const marker = kind === 'join' ? 'url(#arrow-join)' : 'url(#arrow)';
  return drawn(
    'g',
    { class: kind, 'data-from': from, 'data-to': to },
    drawn('title', {}, `${to} ${KINDS[kind]} ${from}: ${[...names].join(', ')}`),
    drawn('path', { d: `M${a.x} ${a.y}Q${middle.x} ${middle.y} ${b.x} ${b.y}`, 'marker-end': marker }),
  );
}

/** Where the line from the middle of a box to a point leaves the box. */
function border(box, point) {
  const [dx, dy] = [point.x - box.x, point.y - box.y];
  const room = 4;
  const share = Math.min(
    (BOX.width / 2 + room) / Math.max(Math.abs(dx), 0.01),
    (BOX.height / 2 + room) / Math.max(Math.abs(dy), 0.01),
  );
  return { x: Math.round(box.x + dx * share), y: Math.round(box.y + dy * share) };
}

function node({ name, says, hearsAll }, { x, y }, select) {
  const told = `${says.length || 'no'} event${says.length === 1 ? '' : 's'}${hearsAll ? ', hears all' : ''}`;
  return drawn(
    'g',
    {
      class: 'node',
      'data-service': name,
      tabindex: 0,
      role: 'button',
      'aria-pressed': 'false',
      transform: `translate(${x - BOX.width / 2} ${y - BOX.height / 2})`,
      onclick: select,
      onkeydown: (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        select();
      },
    },
    drawn('rect', { ...BOX, rx: 12 }),
    drawn('text', { x: 16, y: 28 }, name),
    drawn('text', { class: 'says', x: 16, y: 46 }, told),
  );
}

/** Show one service's connections, or all again. */
function choose(service, svg, links) {
  chosen = chosen === service.name ? null : service.name;
  const mine = links.filter(({ from, to }) => chosen && (from === chosen || to === chosen));
  const near = new Set([chosen, ...mine.flatMap(({ from, to }) => [from, to])]);
  for (const each of svg.querySelectorAll('.node')) {
    each.classList.toggle('dim', Boolean(chosen) && !near.has(each.dataset.service));
    each.setAttribute('aria-pressed', String(each.dataset.service === chosen));
  }
  for (const each of svg.querySelectorAll('[data-from]')) {
    each.classList.toggle('dim', Boolean(chosen) && ![each.dataset.from, each.dataset.to].includes(chosen));
  }
  byId('chosen').textContent = chosen
    ? service.description || service.name
    : 'Choose a service to see what it says, hears and joins.';
  byId('connections').replaceChildren(...(chosen ? [connections(mine)] : []));
}

const connections = (links) =>
  element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ['From', 'To', 'What', ''].map((each) => element('th', { scope: 'col' }, each)))),
    element(
      'tbody',
      {},
      gathered(links).map(({ kind, from, to, names }) =>
        element('tr', {}, [from, to, [...names].join(', '), kind].map((each) => element('td', {}, each))),
      ),
    ),
  );
