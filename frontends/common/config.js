/** What the page is told of the environment that it is published to: `/config.json`, never cached. */
export async function configuration() {
  const response = await fetch('/config.json', { cache: 'no-store' });
  if (!response.ok) throw new Error(`The page is not published completely: /config.json answers ${response.status}.`);
  return response.json();
}
