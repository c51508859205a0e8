/** The internal site: how the services hang together, and what they counted. */

import { client } from '../common/api.js';
import { configuration } from '../common/config.js';
import { byId } from '../common/dom.js';
import { load } from '../common/operations.js';
import { Access } from './access.js';
import { showMap } from './map.js';
import { showNumbers } from './numbers.js';

async function start() {
  const [settings, documents, map] = await Promise.all([
    configuration(),
    load(new URL('./operations/analytics.graphql', import.meta.url)),
    services(),
  ]);
  byId('environment').textContent = settings.environment;
  showMap(map);
  const access = new Access();
  const ask = client({
    url: settings.api,
    name: settings.client,
    documents,
    token: (renewed) => access.token(renewed),
  });
  byId('refresh').addEventListener('click', () => showNumbers(ask));
  await showNumbers(ask);
}

async function services() {
  const response = await fetch('/services.json');
  if (!response.ok) throw new Error(`The page is not published completely: /services.json answers ${response.status}.`);
  return response.json();
}

start().catch((error) => {
  byId('broken').textContent = error.message;
});
