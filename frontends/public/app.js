/** Todos: sign up, sign in, and what one has to do. */

import { client } from '../common/api.js';
import { configuration } from '../common/config.js';
import { byId } from '../common/dom.js';
import { load } from '../common/operations.js';
import { showAccount } from './account.js';
import { Session } from './session.js';
import { showTodos } from './todos.js';

async function start() {
  const [settings, documents] = await Promise.all([
    configuration(),
    load(
      new URL('./operations/todos.graphql', import.meta.url),
      new URL('./operations/media.graphql', import.meta.url),
    ),
  ]);
  const session = new Session(settings);
  const ask = client({
    url: settings.api,
    name: settings.client,
    documents,
    token: (renewed) => session.token(renewed),
  });
  const show = () => {
    byId('account').hidden = session.isSignedIn;
    byId('todos').hidden = byId('sign-out').hidden = !session.isSignedIn;
    byId('who').textContent = session.email;
    if (session.isSignedIn) showTodos(ask);
    else showAccount(session);
  };
  session.addEventListener('change', show);
  byId('sign-out').addEventListener('click', () => session.signOut());
  await session.resume();
  show();
}

start().catch((error) => {
  byId('broken').textContent = error.message;
});
