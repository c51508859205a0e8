/** The user's todos: listed page by page, added, completed and deleted. */

import { byId, element, submitting } from '../common/dom.js';

const PAGE = 20;
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

let ask;
let status = '';
let after = null;
let listing = 0;

/** Show them; `given` asks the API. */
export function showTodos(given) {
  if (!ask) listen();
  ask = given;
  list();
}

function listen() {
  byId('adding').addEventListener('submit', add);
  byId('more').addEventListener('click', () => attempt(page));
  for (const tab of byId('tabs').children) tab.addEventListener('click', () => choose(tab));
}

const tell = (text) => {
  byId('todos-wrong').textContent = text;
};

const say = (text) => {
  byId('said').textContent = text;
};

async function attempt(work) {
  tell('');
  try {
    return await work();
  } catch (error) {
    tell(error.message);
  }
}

function choose(tab) {
  status = tab.dataset.status;
  for (const each of byId('tabs').children) each.setAttribute('aria-pressed', String(each === tab));
  list();
}

function list() {
  after = null;
  byId('list').replaceChildren();
  byId('more').hidden = byId('empty').hidden = true;
  return attempt(page);
}

/** The next page; what is asked for by another list meanwhile is left alone. */
async function page() {
  const mine = ++listing;
  byId('list').setAttribute('aria-busy', 'true');
  const where = status ? { status: { eq: status } } : null;
  const { todos } = await ask('Todos', { first: PAGE, after, where });
  if (mine !== listing) return;
  byId('list').append(...todos.edges.map(({ node }) => row(node)));
  after = todos.pageInfo.endCursor;
  byId('more').hidden = !todos.pageInfo.hasNextPage;
  byId('list').setAttribute('aria-busy', 'false');
  tally();
}

function tally() {
  const { length } = byId('list').children;
  byId('empty').hidden = length > 0 || !byId('more').hidden;
  return length;
}

function row(todo) {
  const isDone = todo.status === 'DONE';
  const due = todo.dueAt && new Date(todo.dueAt);
  const isLate = due && !isDone && due < new Date();
  return element(
    'li',
    { class: isDone ? 'done' : null, 'data-id': todo.id },
    element(
      'button',
      {
        class: 'tick',
        type: 'button',
        'aria-label': isDone ? `${todo.title} is done` : `Complete ${todo.title}`,
        disabled: isDone,
        onclick: (event) => complete(event.currentTarget.closest('li'), todo),
      },
    ),
    element(
      'div',
      { class: 'title' },
      element('span', {}, todo.title),
      due && element('small', { class: isLate ? 'due late' : 'due' }, `${isLate ? 'Was due' : 'Due'} ${DAY.format(due)}`),
    ),
    element(
      'button',
      {
        class: 'remove',
        type: 'button',
        'aria-label': `Delete ${todo.title}`,
        onclick: (event) => remove(event.currentTarget.closest('li'), todo),
      },
      'Delete',
    ),
  );
}

function add(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const { title, due } = form.elements;
  const work = async () => {
    const dueAt = due.value ? new Date(`${due.value}T23:59:59`).toISOString() : null;
    const { createTodo } = await ask('CreateTodo', { input: { title: title.value.trim(), dueAt } });
    form.reset();
    // Oldest first: it is the last, and is seen when its page is.
    if (status !== 'DONE' && byId('more').hidden) byId('list').append(row(createTodo));
    tally();
    say(`${createTodo.title} was added.`);
  };
  submitting(form, work, tell).then(() => title.focus());
}

async function complete(item, todo) {
  const { completeTodo } = (await attempt(() => ask('CompleteTodo', { id: todo.id }))) ?? {};
  if (!completeTodo) return;
  if (status === 'OPEN') leave(item);
  else {
    const done = row({ ...todo, ...completeTodo });
    item.replaceWith(done);
    done.querySelector('.remove').focus();
  }
  say(`${todo.title} is done.`);
}

async function remove(item, todo) {
  if (await attempt(() => ask('DeleteTodo', { id: todo.id }))) {
    leave(item);
    say(`${todo.title} was deleted.`);
  }
}

/** Take an item out, and leave the focus at its neighbour. */
function leave(item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (next?.querySelector('button:enabled') ?? byId('adding').elements.title).focus();
  tally();
}
