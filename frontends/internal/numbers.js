/** What analytics counted, asked through the API as staff. */

import { byId, drawn, element } from '../common/dom.js';

const DAYS = 30;
const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** Ask, and show the answers. */
export async function showNumbers(ask) {
  byId('numbers-wrong').textContent = '';
  byId('numbers').setAttribute('aria-busy', 'true');
  try {
    const variables = period();
    const [numbers, activity] = await Promise.all([ask('Numbers', variables), ask('Activity', variables)]);
    const days = activity.activity.edges.map(({ node }) => node);
    byId('numbers').replaceChildren(figures(numbers), ...bars(days), tables(numbers, days));
  } catch (error) {
    byId('numbers-wrong').textContent = error.message;
  }
  byId('numbers').setAttribute('aria-busy', 'false');
}

/** The days that are asked for, in UTC, as analytics counts them. */
function period() {
  const day = (time) => new Date(time).toISOString().slice(0, 10);
  return { since: day(Date.now() - (DAYS - 1) * 86_400_000), until: day(Date.now()) };
}

const sum = (points, field) => points.reduce((total, each) => total + each[field], 0);

function figures({ created, active, uploads, funnel }) {
  const { completionRate } = funnel.all;
  return element(
    'div',
    { class: 'figures' },
    figure('todos created', sum(created, 'count')),
    figure('completed', completionRate === null ? '–' : `${NUMBER.format(completionRate * 100)} %`),
    figure('active this month', active.at(-1)?.count ?? 0),
    figure('images uploaded', sum(uploads, 'count')),
  );
}

const figure = (name, value) =>
  element(
    'p',
    { class: 'figure', 'data-figure': name },
    element('b', {}, typeof value === 'number' ? NUMBER.format(value) : value),
    element('span', { class: 'hint small' }, name),
  );

/** What was created on each of the days, those without anything included. */
function bars(days) {
  if (!days.length) return [];
  const { since } = period();
  const created = new Map(days.map(({ day, created }) => [day, created]));
  const highest = Math.max(...created.values(), 1);
  const columns = Array.from({ length: DAYS }, (_, at) => {
    const day = new Date(Date.parse(since) + at * 86_400_000).toISOString().slice(0, 10);
    const height = ((created.get(day) ?? 0) / highest) * 96;
    return drawn(
      'rect',
      { class: height ? null : 'none', x: at * 10, y: 98 - height, width: 7, height: height + 2, rx: 1.5 },
      drawn('title', {}, `${day}: ${created.get(day) ?? 0}`),
    );
  });
  const label = `Todos created on each of the last ${DAYS} days, at most ${highest}`;
  return [
    element(
      'div',
      { class: 'bars' },
      drawn('svg', { viewBox: '0 0 297 100', preserveAspectRatio: 'none', role: 'img', 'aria-label': label }, columns),
    ),
  ];
}

function tables({ types, funnel }, days) {
  const { created, attached, completed, deleted, completedWithinHour } = funnel.all;
  return element(
    'div',
    { class: 'two' },
    table('Events of this week', types.map(({ name, count }) => [name, count])),
    table('What became of todos', [
      ['created', created],
      ['had something attached', attached],
      ['completed', completed],
      ['within an hour', completedWithinHour],
      ['deleted', deleted],
    ]),
    table('Created, by day', days.map(({ day, created }) => [day, created]).reverse().slice(0, 7)),
  );
}

const table = (title, rows) =>
  element(
    'table',
    {},
    element(
      'thead',
      {},
      element('tr', {}, element('th', { scope: 'col' }, title), element('th', { scope: 'col', class: 'number' }, '')),
    ),
    element(
      'tbody',
      {},
      rows.length
        ? rows.map(([name, count]) =>
            element('tr', {}, element('td', {}, name), element('td', { class: 'number' }, NUMBER.format(count))),
          )
        : element('tr', {}, element('td', { class: 'hint', colspan: 2 }, 'Nothing yet')),
    ),
  );
