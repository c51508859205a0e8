/**
 * The access token of who is signed in. The session's cookies are out of this page's reach; `/auth/token`
 * takes them and gives a token for minutes, which is kept in memory alone.
 */

const EARLY = 60_000;

export class Access {
  #token = null;
  #until = 0;
  #asking = null;

  /** The token; a new one shortly before it expires, or where `renewed` asks for it. */
  async token(renewed = false) {
    if (renewed || Date.now() > this.#until - EARLY) {
      this.#asking ??= this.#ask().finally(() => (this.#asking = null));
      await this.#asking;
    }
    return this.#token;
  }

  async #ask() {
    const response = await fetch('/auth/token', { headers: { 'x-requested-with': 'fetch' }, cache: 'no-store' });
    if (response.status === 401) {
      const here = location.pathname + location.search;
      location.assign(`/auth/sign-in?to=${encodeURIComponent(here)}`);
      return new Promise(() => {}); // the page is being left
    }
    if (!response.ok) throw new Error(`No access token: /auth/token answers ${response.status}. Sign out, then in again.`);
    const { access_token: token, expires_in: seconds } = await response.json();
    this.#token = token;
    this.#until = Date.now() + seconds * 1000;
  }
}
