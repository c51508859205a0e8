import crypto from 'crypto';

// Lets in who has a session: a cookie that `/auth` signed, `KEY-ID.PAYLOAD.MAC`, as
// thestack.runtime.signed_values makes it. The keys lie in a key value store, by their ids.

const SESSION = '__Host-session';
const LONGEST = 4096;

async function handler(event) {
  const request = event.request;
  const cookie = request.cookies[SESSION];
  if (cookie && !cookie.multiValue && (await isSession(cookie.value))) return toPage(request);
  const mode = request.headers['sec-fetch-mode'];
  if (mode ? mode.value === 'navigate' : !request.uri.split('/').pop().includes('.')) {
    const to = encodeURIComponent(request.uri + queryOf(request.querystring));
    return answer(302, 'Found', { location: { value: '/auth/sign-in?to=' + to } });
  }
  return answer(401, 'Unauthorized', {});
}

async function isSession(value) {
  const parts = value.split('.');
  if (parts.length !== 3 || value.length > LONGEST || !/^[\w-]{1,64}$/.test(parts[0])) return false;
  let secret;
  try {
    secret = await keys.get(parts[0]);
  } catch (_) {
    return false; // there is no such key, or none any more
  }
  const mac = crypto
    .createHmac('sha256', secret)
    .update([SESSION, parts[0], parts[1]].join('.'))
    .digest('base64url');
  if (!isSame(mac, parts[2])) return false;
  const content = JSON.parse(Buffer.from(parts[1], 'base64url').toString());
  return content.exp > Date.now() / 1000;
}

/** Takes the same time wherever they differ. */
function isSame(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}

function queryOf(querystring) {
  const pairs = [];
  for (const name in querystring) {
    const values = querystring[name].multiValue || [querystring[name]];
    for (const each of values) pairs.push(name + '=' + each.value);
  }
  return pairs.length ? '?' + pairs.join('&') : '';
}

function answer(statusCode, statusDescription, headers) {
  const kept = { 'cache-control': { value: 'no-store' } };
  return { statusCode, statusDescription, headers: Object.assign(kept, headers) };
}
